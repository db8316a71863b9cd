import { EventEmitter, once } from 'node:events'
import { createParser } from 'eventsource-parser'
import { NOTHING_KNOWN, type RunEvent, type RunState, reduce } from '../../client/reducer.ts'
import { concernsLists, type RowEvent } from '../../client/row-events.ts'
import { NO_ROWS, newestOf, reduceRows } from '../../client/rows.ts'
import type { ListedRun, ListFilter } from '../../db/contract.ts'

export interface Received {
  name: string
  id: string | undefined
  // biome-ignore lint/suspicious/noExplicitAny: the tests assert what is in it
  data: any
}

export interface OfRun {
  /** With its question mark. */
  query?: string
  lastEventId?: string
}

/** A watcher: what has come so far, and a wait for what is to come. */
export class TestStream {
  readonly events: Received[] = []
  readonly comments: string[] = []
  readonly retries: number[] = []
  ended = false
  status = 0
  headers = new Headers()
  readonly #changed = new EventEmitter()
  readonly #abort = new AbortController()
  /** Why it could not be read to its end. */
  #cause: Error | undefined

  static async open(url: string, init: RequestInit = {}): Promise<TestStream> {
    const stream = new TestStream()
    const response = await fetch(url, { ...init, signal: stream.#abort.signal })
    stream.status = response.status
    stream.headers = response.headers
    stream.#read(response).catch((error: Error) => stream.#end(error))
    return stream
  }

  static ofRun(url: string, run: string, { query = '', lastEventId = '' }: OfRun = {}): Promise<TestStream> {
    const headers = lastEventId ? { 'last-event-id': lastEventId } : {}
    return TestStream.open(`${url}/runs/${run}/events${query}`, { headers })
  }

  static ofMany(url: string, runs: unknown[], query = ''): Promise<TestStream> {
    const headers = { 'content-type': 'application/json' }
    return TestStream.open(`${url}/events${query}`, { method: 'POST', headers, body: JSON.stringify({ runs }) })
  }

  /** The names of the events. */
  get names(): string[] {
    return this.events.map(({ name }) => name)
  }

  /** What the log lines say, in their order; a line that was already seen may come again. */
  get messages(): string[] {
    const lines = this.events.flatMap(({ name, data }) => (name === 'log' ? data.lines : []))
    return [...new Map(lines.map(({ line, message }) => [line, message])).values()]
  }

  /** The state that a client would show of a run. */
  state(run: string): RunState {
    const isOfRun = (event: RunEvent | RowEvent): event is RunEvent =>
      event.data.run.id === run && !(concernsLists(event) && event.type !== 'end')
    return this.events.map(asSent).filter(isOfRun).reduce(reduce, NOTHING_KNOWN)
  }

  /** What a client would show of a live list. */
  list(filter: ListFilter = {}): ListedRun[] {
    return newestOf(this.events.map(asSent).filter(concernsLists).reduce(reduceRows, NO_ROWS), filter)
  }

  /** The first event, come or to come, that fits. */
  async event(fits: (event: Received) => boolean): Promise<Received> {
    await this.until(() => this.events.some(fits))
    return this.events.find(fits) as Received
  }

  named(name: string): Promise<Received> {
    return this.event((event) => event.name === name)
  }

  async ready(): Promise<this> {
    await this.until(() => this.comments.includes('ready'))
    return this
  }

  async closed(): Promise<this> {
    await this.until(() => this.ended)
    return this
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.ended) throw this.#endedEarly()
      await once(this.#changed, 'change')
    }
  }

  close(): void {
    this.#abort.abort()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  async #read(response: Response): Promise<void> {
    const parser = createParser({
      onEvent: ({ event = '', id, data }) => this.events.push({ name: event, id, data: JSON.parse(data) }),
      onComment: (comment) => this.comments.push(comment),
      onRetry: (ms) => this.retries.push(ms),
    })
    const decoder = new TextDecoder()
    for await (const chunk of response.body ?? []) {
      parser.feed(decoder.decode(chunk, { stream: true }))
      this.#changed.emit('change')
    }
    this.#end()
  }

  #endedEarly(): Error {
    return new Error(`The stream (${this.status}) ended after ${JSON.stringify(this.events)}`, { cause: this.#cause })
  }

  #end(cause?: Error): void {
    this.#cause = cause
    this.ended = true
    this.#changed.emit('change')
  }
}

function asSent({ name, id, data }: Received): RunEvent | RowEvent {
  return { type: name, id: id ?? null, epoch: id?.slice(0, id.lastIndexOf('-')) ?? null, data } as RunEvent | RowEvent
}
