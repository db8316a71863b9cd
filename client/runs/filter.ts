import type { ListFilter, RunStatus } from '../../db/contract.ts'

/** In the order in which groups and filters show them: what is under way first. */
export const STATUSES: readonly RunStatus[] = ['running', 'pending', 'failed', 'cancelled', 'completed']

/** Which runs a reader wants to see; '' and an empty list mean any. */
export interface RunsFilter {
  readonly workflow: string
  readonly statuses: readonly RunStatus[]
  /** The application's own name for a run, in full. */
  readonly key: string
  /** Prefix of its id, its key or its workflow's name. */
  readonly q: string
}

export const ANY: RunsFilter = { workflow: '', statuses: [], key: '', q: '' }

export function isAny({ workflow, statuses, key, q }: RunsFilter): boolean {
  return workflow === '' && statuses.length === 0 && key === '' && q === ''
}

/** As a live list wants it. */
export function listFilter({ workflow, statuses, key, q }: RunsFilter, limit: number): ListFilter {
  return {
    ...(workflow && { workflow }),
    ...(statuses.length > 0 && { status: statuses }),
    ...(key && { key }),
    ...(q && { q }),
    limit,
  }
}

/** As `GET /runs` wants it, and as it stands in an address. */
export function writeFilter({ workflow, statuses, key, q }: RunsFilter): URLSearchParams {
  const said = Object.entries({ workflow, status: statuses.join(), key, q })
  return new URLSearchParams(said.filter(([, value]) => value !== ''))
}

export function readFilter(from: URLSearchParams): RunsFilter {
  const of = (name: string) => from.get(name) ?? ''
  return { workflow: of('workflow'), statuses: readStatuses(of('status')), key: of('key'), q: of('q') }
}

/** What is said of statuses where none is known in it, which is not to be taken for any; '': it is in order. */
export function unknownIn(text: string): string {
  return readStatuses(text).length > 0 ? '' : text.trim()
}

/** Names with commas or spaces between them; what is none is passed over. */
export function readStatuses(text: string): RunStatus[] {
  const named = text.split(/[\s,]+/)
  return STATUSES.filter((status) => named.includes(status))
}
