import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RunEvent } from '../../client/reducer.ts'
import type { RowEvent } from '../../client/row-events.ts'
import type { Subscription } from '../../db/contract.ts'

/** One `POST /events` as the server sees it. */
export interface Stream {
  runs: Subscription[]
  url: string
  token: string | undefined
  send(event: RunEvent | RowEvent): void
  ready(): void
  beat(): void
  retry(ms: number): void
  /** Ends because the token does. */
  expire(): void
  /** Breaks the connection. */
  cut(): void
  /** Ends the answer properly. */
  end(): void
  /** Resolves when the client has gone. */
  closed: Promise<void>
}

/** No inline script, no inline style, nothing from elsewhere. */
const POLICY = "default-src 'self'; base-uri 'none'; object-src 'none'"

const LAST_PAGE = { runs: [], next: null }

type Refusal = { status: number; detail?: string; retryAfter?: string }

/** A server that does what a test tells it: the streams come one by one from `next()`. */
export class FakeServer {
  readonly streams: Stream[] = []
  /** Answers to `POST /events` in place of a stream, first come first served. */
  readonly refusals: Refusal[] = []
  /** The same to GET. */
  readonly refusedReads: Refusal[] = []
  /** Refused to GET, each time, by the beginning of the path. */
  readonly forbidden = new Map<string, Refusal>()
  /** Answers to GET by path; without one, 404, but no list has older runs than a test says. */
  readonly documents = new Map<string, unknown>()
  /** Files for a browser, by path. */
  readonly files = new Map<string, { type: string; body: string }>()
  /** Answers to the other POSTs by path; without one, 404. */
  readonly answers = new Map<string, { status: number; body: unknown }>()
  /** All that was asked for but streams, in order. */
  readonly asked: string[] = []
  /** Takes the requests and says nothing, like a proxy that buffers. */
  holdsBack = false
  private readonly server = createServer((request, response) => this.answer(request, response))
  private readonly arrivals: Stream[] = []
  private waiting: ((stream: Stream) => void) | null = null
  src = ''

  async start(): Promise<void> {
    this.server.listen(0, '127.0.0.1')
    await once(this.server, 'listening')
    this.src = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close')
    this.server.close()
    this.server.closeAllConnections()
    await closed
  }

  /** The next stream that a client opens. */
  next(): Promise<Stream> {
    const arrived = this.arrivals.shift()
    if (arrived) return Promise.resolve(arrived)
    return new Promise((resolve) => {
      this.waiting = resolve
    })
  }

  /** Resolves when all who had a stream have gone; what `next` gives is newer than that. */
  async untilAllLeft(): Promise<void> {
    await Promise.all(this.streams.map(({ closed }) => closed))
    this.arrivals.length = 0
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await new Response(request as unknown as ReadableStream).text()
    const url = request.url ?? ''
    if (url.startsWith('/events')) this.stream(request, body, response)
    else if (request.method === 'GET') this.document(url, response)
    else this.act(url, body, response)
  }

  private act(url: string, body: string, response: ServerResponse): void {
    this.asked.push(`${url} ${body}`)
    const { status, body: answer } = this.answers.get(url) ?? { status: 404, body: { title: 'Not found' } }
    response.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' })
    response.end(JSON.stringify(answer))
  }

  private document(url: string, response: ServerResponse): void {
    const file = this.files.get(url.split('?')[0] ?? '')
    if (file) {
      response.writeHead(200, { 'content-type': file.type, 'content-security-policy': POLICY })
      response.end(file.body)
      return
    }
    this.asked.push(url)
    const [, forbidden] = [...this.forbidden].find(([path]) => url.startsWith(path)) ?? []
    const refusal = forbidden ?? this.refusedReads.shift()
    if (refusal) {
      refuse(response, refusal)
      return
    }
    const found = this.documents.get(url) ?? (/^\/runs\?.*\bafter=/.test(url) ? LAST_PAGE : undefined)
    const text = url.endsWith('/logs') ? 'text/plain; charset=utf-8' : 'application/x-ndjson'
    const type = typeof found === 'string' ? text : 'application/json'
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': type })
    response.end(typeof found === 'string' ? found : JSON.stringify(found ?? { title: 'Not found' }))
  }

  private stream(request: IncomingMessage, body: string, response: ServerResponse): void {
    const refusal = this.refusals.shift()
    if (refusal) {
      refuse(response, refusal)
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
    if (!this.holdsBack) this.arrive(asStream(request, body, response))
  }

  private arrive(stream: Stream): void {
    this.streams.push(stream)
    if (this.waiting) this.waiting(stream)
    else this.arrivals.push(stream)
    this.waiting = null
  }
}

function refuse(response: ServerResponse, { status, detail, retryAfter }: Refusal): void {
  const wait = retryAfter === undefined ? {} : { 'retry-after': retryAfter }
  response.writeHead(status, { 'content-type': 'application/problem+json', ...wait })
  response.end(JSON.stringify({ title: 'No', detail }))
}

function asStream(request: IncomingMessage, body: string, response: ServerResponse): Stream {
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  // it may have gone while its question was read
  if (response.closed) resolve()
  else response.on('close', resolve)
  return {
    runs: JSON.parse(body).runs,
    url: request.url ?? '',
    token: request.headers.authorization,
    send: ({ type, id, data }) => {
      response.write(`${id === null ? '' : `id: ${id}\n`}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`)
    },
    ready: () => response.write(': ready\n\n'),
    beat: () => response.write(': beat\n\n'),
    retry: (ms) => response.write(`retry: ${ms}\n\n`),
    expire: () => response.end(': expired\n\nretry: 0\n\n'),
    cut: () => response.destroy(),
    end: () => response.end(),
    closed,
  }
}
