import { type AddressInfo, connect, createServer } from 'node:net'

/** Gives connections to these ports in turn, past those where nobody listens; as a TCP load balancer does. */
export async function startBalancer(ports: number[]): Promise<{ url: string } & AsyncDisposable> {
  let turn = 0
  const server = createServer((near) => {
    near.on('error', () => {})
    const forward = (tries: number) => {
      const far = connect(ports[turn++ % ports.length] as number, '127.0.0.1')
      far.once('connect', () => near.pipe(far).pipe(near))
      far.on('error', () => (tries > 0 && far.bytesRead === 0 ? forward(tries - 1) : near.destroy()))
      far.on('close', () => far.bytesRead > 0 && near.destroy())
      near.on('close', () => far.destroy())
    }
    forward(ports.length)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = async () => {
    server.close()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, [Symbol.asyncDispose]: close }
}
