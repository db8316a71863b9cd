/** Stepcast's mount point, without a trailing slash: this script is there itself, or in a chunk right below. */
export const base = new URL(import.meta.url).pathname.replace(/\/(chunks\/)?[^/]*$/, '')

const LAST_FILTERS = 'stepcast-filters'

/** The id of the run in an address; null: none. */
export function runInAddress(path: string, mount: string = base): string | null {
  const [, id] = /^\/runs\/([^/]+)\/view\/?$/.exec(path.slice(mount.length)) ?? []
  return path.startsWith(mount) && id !== undefined ? decodeURIComponent(id) : null
}

export function addressOfRun(run: string): string {
  return `${base}/runs/${encodeURIComponent(run)}/view`
}

/** The address of a workflow's form, filled in with the input of a run. */
export function addressOfStart(workflow: string | null = null, from: string | null = null): string {
  const query = new URLSearchParams({ ...(workflow && { workflow }), ...(from && { from }) })
  return `${base}/start/view${query.size > 0 ? `?${query}` : ''}`
}

export const addressOfStats = `${base}/stats/view`

/** The address of the list, with the filters that were last used in this tab. */
export function addressOfRuns(): string {
  return `${base}/${sessionStorage.getItem(LAST_FILTERS) ?? ''}`
}

export function keepFilters(): void {
  sessionStorage.setItem(LAST_FILTERS, location.search)
}
