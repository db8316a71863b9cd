import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a gateway does with requests: passes them on, or plays a proxy whose server is away, or one that buffers. */
export type Mood = 'passes' | 'answers 502' | 'buffers streams'

/** An HTTP/1.1 proxy before a Stepcast server, of one test: it counts the streams that pass, and spoils them as it is told. */
export class Gateway {
  url = ''
  mood: Mood = 'passes'
  /** The answers of the streams that are open. */
  readonly streams = new Set<ServerResponse>()
  /** Streams that were ever asked for. */
  opened = 0
  /** Every request but streams: method and path. */
  readonly asked: string[] = []
  readonly #dead = new WeakSet<ServerResponse>()
  readonly #pages = new Map<string, string>()
  readonly #changed = new EventEmitter()
  readonly #server = createServer((request, response) => this.#answer(request, response))
  target: string

  private constructor(target: string) {
    this.target = target
    this.#changed.setMaxListeners(0)
  }

  static async start(target: string): Promise<Gateway> {
    const gateway = new Gateway(target)
    gateway.#server.listen(0, '127.0.0.1')
    await once(gateway.#server, 'listening')
    gateway.url = `http://127.0.0.1:${(gateway.#server.address() as AddressInfo).port}`
    return gateway
  }

  /** A page of an application with these elements in it; resolves to its address. */
  page(elements: string): string {
    const path = `/page/${this.#pages.size + 1}`
    const script = '<script type="module" src="/stepcast.js"></script>'
    const icon = '<link rel="icon" href="/icon.svg">'
    this.#pages.set(
      path,
      `<!doctype html><html lang="en"><title>Test</title>${icon}${script}<body>${elements}</body></html>`,
    )
    return this.url + path
  }

  /** Resolves once it holds; looks at every request, and every stream that begins or ends. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await once(this.#changed, 'change')
  }

  /** The lines of all streams are dead from now on, and nobody is told. */
  deaden(): void {
    for (const response of this.streams) this.#dead.add(response)
  }

  /** Breaks every stream. */
  cut(): void {
    for (const response of this.streams) response.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #answer(incoming: IncomingMessage, response: ServerResponse): void {
    const path = incoming.url ?? ''
    const page = this.#pages.get(path)
    const isStream = path.startsWith('/events')
    if (isStream) this.opened += 1
    else this.asked.push(`${incoming.method} ${path}`)
    if (page) response.writeHead(200, { 'content-type': 'text/html', 'cache-control': 'no-cache' }).end(page)
    else if (this.mood === 'answers 502')
      response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad Gateway</h1>')
    else this.#pass(incoming, response, isStream)
    this.#changed.emit('change')
  }

  #pass(incoming: IncomingMessage, response: ServerResponse, isStream: boolean): void {
    const { method, headers } = incoming
    const onward = request(this.target + incoming.url, { method, headers, agent: false }, (answer) => {
      const holdsBack = () => this.#dead.has(response) || (isStream && this.mood === 'buffers streams')
      if (!holdsBack()) response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.on('data', (chunk) => holdsBack() || response.write(chunk))
      answer.on('end', () => holdsBack() || response.end())
    })
    onward.on('error', () => response.destroy())
    if (isStream) this.streams.add(response)
    response.on('close', () => {
      this.streams.delete(response)
      onward.destroy()
      this.#changed.emit('change')
    })
    incoming.pipe(onward)
  }
}
