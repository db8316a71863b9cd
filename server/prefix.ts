/**
 * The path that the routes begin with, without a trailing slash and as requests write it; '': the root.
 * @throws a TypeError for a prefix that does not begin with a slash, which would match no path
 */
export function prefixOf(given = ''): string {
  const prefix = given.replace(/\/+$/, '')
  // A path arrives with all else percent-encoded, and would not match.
  if (prefix === '' || prefix.startsWith('/')) return prefix.toWellFormed().replace(/[^!-~]+/g, encodeURIComponent)
  throw new TypeError(`A prefix begins with a slash: write '/${prefix}', not '${given}'.`)
}
