/**
 * The path that the routes begin with, without a trailing slash; '': the root.
 * @throws a TypeError for a prefix that does not begin with a slash, which would match no path
 */
export function prefixOf(given = ''): string {
  const prefix = given.replace(/\/+$/, '')
  if (prefix === '' || prefix.startsWith('/')) return prefix
  throw new TypeError(`A prefix begins with a slash: write '/${prefix}', not '${given}'.`)
}
