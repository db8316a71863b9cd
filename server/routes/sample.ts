/** Members of each array or object that a sample keeps. */
const KEPT = 32

/** Up to this many values, finding all that is wrong takes some tens of milliseconds. */
const SMALL = 10_000

type Path = readonly PropertyKey[]
type Members = Record<PropertyKey, unknown>

/** Whether JSON has more than ten thousand values. */
export function isLarge(json: unknown): boolean {
  let counted = 1
  const open = [json]
  for (let value = open.pop(); value !== undefined && counted <= SMALL; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue
    const members: unknown[] = Array.isArray(value) ? value : Object.values(value)
    counted += members.length
    if (counted <= SMALL) open.push(...members)
  }
  return counted > SMALL
}

/**
 * A small copy of JSON: of each array and object it has 32 members at most, chosen at random, so that nobody knows which
 * will be looked at. What has no more is itself the sample.
 */
export class Sample {
  readonly value: unknown
  readonly #whole: unknown
  /** Where the members of each shortened array were. */
  readonly #places = new Map<unknown, number[]>()

  constructor(whole: unknown) {
    this.#whole = whole
    this.value = this.#take(whole)
  }

  /**
   * The place in the whole of what the sample has at `path`; null if the sample lacks it, or something within it: then
   * what is said of it need not be true of the whole.
   */
  placeOf(path: Path): Path | null {
    const found: PropertyKey[] = []
    let [part, whole] = [this.value, this.#whole]
    for (const name of path) {
      if (!Object.hasOwn(Object(part), name)) return null
      const place = this.#places.get(part)?.[Number(name)] ?? name
      found.push(place)
      part = (part as Members)[name]
      whole = (whole as Members)[place]
    }
    return part === whole ? found : null
  }

  #take(whole: unknown): unknown {
    if (Array.isArray(whole)) return this.#takeOfArray(whole)
    return typeof whole === 'object' && whole !== null ? this.#takeOfObject(whole as Members) : whole
  }

  #takeOfArray(whole: unknown[]): unknown[] {
    const places = choose(whole.length)
    const part = places.map((place) => this.#take(whole[place]))
    if (part.length === whole.length && part.every((member, place) => member === whole[place])) return whole
    this.#places.set(part, places)
    return part
  }

  #takeOfObject(whole: Members): Members {
    const names = Object.keys(whole)
    const chosen = choose(names.length).map((place) => names[place] as string)
    const part = Object.fromEntries(chosen.map((name) => [name, this.#take(whole[name])]))
    return chosen.length === names.length && chosen.every((name) => part[name] === whole[name]) ? whole : part
  }
}

/** Rising positions: all, or one at random from each of 32 equal parts. */
function choose(length: number): number[] {
  const kept = Math.min(length, KEPT)
  const within = length > KEPT ? Math.random : () => 0
  return Array.from({ length: kept }, (_, part) => Math.floor(((part + within()) * length) / kept))
}
