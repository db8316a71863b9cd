const PLACES = `amber aurora birch breeze cedar cobalt comet coral delta ember fjord garnet glacier harbor hazel horizon
  indigo island juniper lagoon lantern lotus maple meadow nebula north oasis orchid pebble quartz river saffron sierra
  summit tidal topaz valley velvet willow zephyr`.split(/\s+/)
const KINDS = ['web', 'site', 'shop', 'blog', 'docs', 'desk', 'board', 'portal']

/** A random name, such as `aurora-web`, that is not taken. */
export function freshName(taken: ReadonlySet<string>): string {
  const pairs = PLACES.flatMap((place) => KINDS.map((kind) => `${place}-${kind}`))
  const free = pairs.filter((name) => !taken.has(name))
  return pick(free) ?? `${pick(pairs)}-${taken.size}`
}

function pick(names: string[]): string | undefined {
  return names[Math.floor(Math.random() * names.length)]
}
