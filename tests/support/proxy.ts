import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** What a proxy does with a chunk that a client sends: pass it on, lose the answer to it, lose the chunk itself, or drop it silently. */
export type Fate = 'pass' | 'lose answer' | 'lose' | 'swallow'

export interface Proxy {
  /** The database's address, through the proxy. */
  url: string
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * A TCP proxy in front of Postgres. `decide` sees each chunk from a client. After `lose answer` the server does what it was told,
 * and the client's connection breaks in place of the answer; after `lose` both connections break at once; after `swallow` both
 * stay open, as when a host has vanished.
 */
export async function startProxy(url: string, decide: (sent: Buffer) => Fate): Promise<Proxy> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    let losesAnswer = false
    let isSilent = false
    client.on('data', (sent) => {
      const fate = decide(sent)
      isSilent ||= fate === 'swallow'
      if (isSilent) return
      if (fate === 'lose') return upstream.destroy()
      losesAnswer ||= fate === 'lose answer'
      upstream.write(sent)
    })
    upstream.on('data', (answer) => {
      if (losesAnswer) client.destroy()
      else if (!isSilent) client.write(answer)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const through = new URL(url)
  through.hostname = '127.0.0.1'
  through.port = String((server.address() as AddressInfo).port)
  const close = async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url: through.href, [Symbol.asyncDispose]: close }
}
