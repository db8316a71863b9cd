/**
 * Many streams in one process, as cheap as possible: bare sockets, whose bytes are only searched for the message of a
 * step. The time of their arrival is taken first.
 */
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const AT_ONCE = 20
const MARK = Buffer.from('"message"')
const QUOTE = '"'.charCodeAt(0)
/** Longer than any message of a benchmark, with its name. */
const TAIL = 64

const [address = ''] = process.argv.slice(2)
const url = new URL(address)
let latencies: number[] = []

/** Resolves when the first bytes arrive. */
function watch(path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const socket = connect(Number(url.port), url.hostname)
  const broken = (why: unknown) => {
    process.stderr.write(`a watcher of ${path} was cut off: ${why}\n`)
    reject(why)
  }
  socket.once('error', broken).once('end', () => broken('the server ended it'))
  socket.once('data', (head) => {
    if (!head.includes('HTTP/1.1 200')) return broken(head.toString().split('\r\n')[0])
    listen(socket)
    resolve()
  })
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${url.host}\r\nAccept: text/event-stream\r\n\r\n`)
  return promise
}

function listen(socket: Socket): void {
  let rest: Buffer | null = null
  socket.on('data', (chunk: Buffer) => {
    const now = process.hrtime.bigint()
    const bytes = rest ? Buffer.concat([rest, chunk]) : chunk
    const read = readMessages(bytes, now)
    // A chunk of HTTP ends with a line end; anything else was cut off.
    rest = bytes.at(-1) === 10 ? null : Buffer.from(bytes.subarray(Math.max(read, bytes.length - TAIL)))
  })
}

/** Records each message that is a stamp; returns how far it has read. */
function readMessages(bytes: Buffer, now: bigint): number {
  let read = 0
  for (let at = bytes.indexOf(MARK); at >= 0; at = bytes.indexOf(MARK, read)) {
    const start = bytes.indexOf(QUOTE, at + MARK.length) + 1
    const end = bytes.indexOf(QUOTE, start)
    if (start === 0 || end < 0) return at
    const stamp = Number(bytes.toString('latin1', start, end))
    if (stamp > 0) latencies.push((Number(now) - stamp) / 1e6)
    read = end
  }
  return read
}

async function watchAll(paths: string[]): Promise<void> {
  const left = [...paths]
  const open = async () => {
    for (let path = left.pop(); path; path = left.pop()) await watch(path)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, open))
  // First snapshots have long arrived by then.
  await sleep(500)
}

process.on('disconnect', () => process.exit())
process.on('message', async (paths: string[] | 'take') => {
  if (paths !== 'take') await watchAll(paths)
  process.send?.(latencies)
  latencies = []
})
process.send?.('ready')
