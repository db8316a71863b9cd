import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface CuttingProxy {
  url: string
  /** What clients have sent, one entry per request: its head, and when it arrived. */
  requests: { head: string; at: number }[]
  /** Breaks every open connection. */
  cut(): void
  [Symbol.asyncDispose](): Promise<void>
}

/** A TCP proxy that gives its clients every byte in a packet of its own. */
export async function startCuttingProxy(target: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  const requests: CuttingProxy['requests'] = []
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect(Number(port), hostname)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.on('data', (sent) => {
      requests.push({ head: sent.toString('latin1'), at: Date.now() })
      far.write(sent)
    })
    far.on('data', (answer) => {
      for (const byte of answer) near.write(Buffer.of(byte))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    cut,
    async [Symbol.asyncDispose]() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
