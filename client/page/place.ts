/** Where Stepcast is mounted, without a slash at the end: this script lies there itself, or in a chunk right below. */
export const base = new URL(import.meta.url).pathname.replace(/\/(chunks\/)?[^/]*$/, '')

const LAST_FILTERS = 'stepcast-filters'

/** The run that an address names; null: none. */
export function runInAddress(path: string, mount: string = base): string | null {
  const [, id] = /^\/runs\/([^/]+)\/view\/?$/.exec(path.slice(mount.length)) ?? []
  return path.startsWith(mount) && id !== undefined ? decodeURIComponent(id) : null
}

export function addressOfRun(run: string): string {
  return `${base}/runs/${encodeURIComponent(run)}/view`
}

/** The form of a workflow, filled in with what a run was started with. */
export function addressOfStart(workflow: string | null = null, from: string | null = null): string {
  const query = new URLSearchParams({ ...(workflow && { workflow }), ...(from && { from }) })
  return `${base}/start/view${query.size > 0 ? `?${query}` : ''}`
}

export const addressOfStats = `${base}/stats/view`

/** The list, as it was when somebody left it. */
export function addressOfRuns(): string {
  return `${base}/${sessionStorage.getItem(LAST_FILTERS) ?? ''}`
}

export function keepFilters(): void {
  sessionStorage.setItem(LAST_FILTERS, location.search)
}
