import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { Problem } from './problem.ts'

const ANSWERS: Record<string, [status: number, detail: string]> = {
  HPE_HEADER_OVERFLOW: [431, 'The address and the headers together are too long.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The chunks of the body bring too much beside it.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive.'],
}
const MALFORMED: [number, string] = [400, 'This is no HTTP request.']

/** Answers what is not a request, or never became one, with a problem document too, and ends its connection. */
export function answerMalformed(server: Server): void {
  const answers = new WeakMap<Duplex, ServerResponse>()
  server.on('request', ({ socket }, res: ServerResponse) => {
    answers.set(socket, res)
    res.once('close', () => answers.delete(socket))
  })
  server.on('checkExpectation', ({ headers }: IncomingMessage, res: ServerResponse) => {
    const problem = new Problem(417, {
      detail: `The expectation “${headers.expect}” is unknown; 100-continue is the one that is supported.`,
    })
    res.writeHead(417, headersOf(problem)).end(JSON.stringify(problem))
  })
  server.on('clientError', ({ code = '' }: NodeJS.ErrnoException, socket: Duplex) => {
    const [status, detail] = ANSWERS[code] ?? MALFORMED
    // In the middle of another response it would be taken for a part of that.
    if (socket.writable && code !== 'ECONNRESET' && !answers.get(socket)?.headersSent)
      socket.end(textOf(new Problem(status, { detail })))
    else socket.destroy()
  })
}

function textOf(problem: Problem): string {
  const headers = Object.entries(headersOf(problem)).map((pair) => `${pair.join(': ')}\r\n`)
  return `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${headers.join('')}\r\n${JSON.stringify(problem)}`
}

function headersOf(problem: Problem): Record<string, string> {
  return {
    'Content-Type': 'application/problem+json',
    'Content-Length': String(Buffer.byteLength(JSON.stringify(problem))),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    Connection: 'close',
  }
}
