import { connect } from 'node:net'
import type { Request } from './requests.ts'

export interface Answer {
  /** 0: the client went away before, or the server closed without a word. */
  status: number
  headers: Map<string, string>
  body: string
}

const GIVE_UP_MS = 20_000

/** Over a socket of its own. A stream is left when it has begun. */
export async function send(port: number, { head, body, leavesAfterMs }: Request): Promise<Answer> {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => {
    chunks.push(chunk)
    if (isStream(chunks)) socket.destroy()
  })
  const timer = setTimeout(() => socket.destroy(), leavesAfterMs ?? GIVE_UP_MS)
  // Not `once`, which takes a connection that is reset for an error.
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  socket.on('close', () => resolve())
  socket.write(Buffer.concat([Buffer.from(head, 'latin1'), body]))
  const began = performance.now()
  await closed
  clearTimeout(timer)
  if (performance.now() - began >= GIVE_UP_MS) throw new Error(`not answered within ${GIVE_UP_MS} ms`)
  return read(Buffer.concat(chunks).toString('latin1'))
}

function isStream(chunks: Buffer[]): boolean {
  const text = Buffer.concat(chunks).toString('latin1')
  return text.includes('\r\n\r\n') && /^content-type: text\/event-stream/im.test(text)
}

function read(text: string): Answer {
  const end = text.indexOf('\r\n\r\n')
  const [first = '', ...lines] = text.slice(0, Math.max(0, end)).split('\r\n')
  const headers = new Map(
    lines.map((line) => {
      const at = line.indexOf(':')
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()] as const
    }),
  )
  const status = Number(first.split(' ')[1] ?? 0)
  // An interim answer comes before the real one.
  if (status === 100) return read(text.slice(end + 4))
  // What comes after it answers what was sent after the first request.
  const length = Number(headers.get('content-length') ?? Number.POSITIVE_INFINITY)
  const rest = Buffer.from(text.slice(end + 4, end + 4 + length), 'latin1').toString()
  return { status, headers, body: end < 0 ? '' : rest }
}
