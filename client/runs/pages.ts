import type { ListedRun } from '../../db/contract.ts'
import type { Endpoint } from '../events-request.ts'
import { getJson } from '../get-json.ts'
import { type RequestError, unreachable } from '../problem.ts'
import { type RunsFilter, writeFilter } from './filter.ts'

/** The most rows of a page, whatever the list's limit. */
const MOST = 50

interface Wanted {
  limit: number
  /** The id of the oldest live run; undefined: there is none. */
  after: string | undefined
}

/** Runs older than the live ones, page by page, in the state in which they were read. */
export class Pages {
  runs: readonly ListedRun[] = []
  /** When the latest page was read, in milliseconds by the local clock; null: none was read. */
  readAt: number | null = null
  isReading = false
  /** There are no older ones. */
  isEnd = false
  error: RequestError | null = null
  readonly #onChange: () => void
  #next: string | null = null
  #abort = new AbortController()

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  /** Reads the page after the last one, or the first one after the live runs. */
  async read(endpoint: Endpoint, filter: RunsFilter, { limit, after }: Wanted): Promise<void> {
    if (this.isReading) return
    const { signal } = this.#abort
    this.isReading = true
    this.error = null
    this.#onChange()
    try {
      const { runs, next } = await fetchPage(endpoint, filter, { limit, after: this.#next ?? after }, signal)
      if (signal.aborted) return
      this.runs = [...this.runs, ...runs]
      this.readAt = Date.now()
      this.#next = next
      this.isEnd = next === null
    } catch (error) {
      if (signal.aborted) return
      this.error = unreachable(error)
      // the first page is read again, from the live runs of that moment
      if (this.readAt === null) this.runs = []
    }
    this.isReading = false
    this.#onChange()
  }

  /** Keeps runs that newer ones have pushed out of the live list: they are older ones now. */
  keep(pushedOut: readonly ListedRun[]): void {
    if (this.readAt === null && !this.isReading) return
    const ids = new Set(pushedOut.map(({ id }) => id))
    this.runs = [...pushedOut, ...this.runs.filter(({ id }) => !ids.has(id))]
  }

  /** Ends the list here, whatever may be below. */
  end(): void {
    this.error = null
    this.isEnd = true
    this.#onChange()
  }

  forget(): void {
    this.#abort.abort()
    this.#abort = new AbortController()
    this.runs = []
    this.readAt = this.#next = this.error = null
    this.isReading = this.isEnd = false
  }
}

async function fetchPage(
  { src, fetch }: Endpoint,
  filter: RunsFilter,
  { limit, after }: Wanted,
  signal: AbortSignal,
): Promise<{ runs: ListedRun[]; next: string | null }> {
  const page = { limit: `${Math.min(MOST, limit)}`, ...(after && { after }) }
  const query = new URLSearchParams([...Object.entries(page), ...writeFilter(filter)])
  return await getJson(fetch, `${src}/runs?${query}`, signal)
}
