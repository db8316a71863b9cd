import type { ListFilter, RunStatus } from '../../db/contract.ts'

/** In the order of groups and filters: what is in progress comes first. */
export const STATUSES: readonly RunStatus[] = ['running', 'pending', 'failed', 'cancelled', 'completed']

/** Which runs a reader wants to see; '' and an empty list match any. */
export interface RunsFilter {
  readonly workflow: string
  readonly statuses: readonly RunStatus[]
  /** The application's own name for a run; matches in full. */
  readonly key: string
  /** Prefix of the id, the key or the workflow's name. */
  readonly q: string
}

export const ANY: RunsFilter = { workflow: '', statuses: [], key: '', q: '' }

export function isAny({ workflow, statuses, key, q }: RunsFilter): boolean {
  return workflow === '' && statuses.length === 0 && key === '' && q.trim() === ''
}

/** The filter of a live list. */
export function listFilter({ workflow, statuses, key, q }: RunsFilter, limit: number): ListFilter {
  return {
    ...(workflow && { workflow }),
    ...(statuses.length > 0 && { status: statuses }),
    ...(key && { key }),
    ...(q && { q }),
    limit,
  }
}

/** The filter as query parameters, for `GET /runs` and for the page's address. */
export function writeFilter({ workflow, statuses, key, q }: RunsFilter): URLSearchParams {
  const said = Object.entries({ workflow, status: statuses.join(), key, q })
  return new URLSearchParams(said.filter(([, value]) => value !== ''))
}

export function readFilter(from: URLSearchParams): RunsFilter {
  const of = (name: string) => from.get(name) ?? ''
  return { workflow: of('workflow'), statuses: readStatuses(of('status')), key: of('key'), q: of('q') }
}

/**
 * The text given for the statuses if it contains no known status, so that it does not mean any status; '': it is valid.
 */
export function unknownIn(text: string): string {
  return readStatuses(text).length > 0 ? '' : text.trim()
}

/** Status names separated by commas or spaces; unknown ones are ignored. */
export function readStatuses(text: string): RunStatus[] {
  const named = text.split(/[\s,]+/)
  return STATUSES.filter((status) => named.includes(status))
}
