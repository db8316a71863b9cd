/** Where Stepcast is mounted, without a slash at the end: this script lies there itself, or in a chunk right below. */
export const base = new URL(import.meta.url).pathname.replace(/\/(chunks\/)?[^/]*$/, '')

/** The run that an address names; null: none. */
export function runInAddress(path: string, mount: string = base): string | null {
  const [, id] = /^\/runs\/([^/]+)\/view\/?$/.exec(path.slice(mount.length)) ?? []
  return path.startsWith(mount) && id !== undefined ? decodeURIComponent(id) : null
}

export function addressOf(run: string | null): string {
  return run === null ? `${base}/` : `${base}/runs/${encodeURIComponent(run)}/view`
}
