import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A port of 127.0.0.1 that nobody was listening on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Whether somebody listens there. */
async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const connected = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return connected
}

/** Resolves once somebody listens there, or `ended` does. */
export async function untilListens(port: number, ended: Promise<unknown> = new Promise(() => {})): Promise<void> {
  let isOver = false
  ended.then(() => {
    isOver = true
  })
  while (!isOver && !(await listens(port))) await sleep(10)
}
