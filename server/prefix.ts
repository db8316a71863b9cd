/**
 * Where the routes begin, without a slash at its end; '': at the root.
 * @throws a TypeError for what begins with none, which would match no address
 */
export function prefixOf(given = ''): string {
  const prefix = given.replace(/\/+$/, '')
  if (prefix === '' || prefix.startsWith('/')) return prefix
  throw new TypeError(`A prefix begins with a slash: write '/${prefix}', not '${given}'.`)
}
