import fc from 'fast-check'
import { anyBody } from './bodies.ts'
import type { Route } from './routes.ts'
import { encodedText, headerText } from './texts.ts'

/** What goes over the wire, byte by byte. */
export interface Request {
  /** Which of the servers. */
  server: number
  head: string
  body: Buffer
  /** It is as long as it says. Otherwise the server may end the connection in the middle of its answer. */
  isWhole: boolean
  /** The client goes away then, whatever came; null: it waits for the end of the answer. */
  leavesAfterMs: number | null
}

export interface Known {
  routes: readonly Route[]
  runs: readonly string[]
  /** Credentials, good and bad. */
  tokens: readonly string[]
  servers: number
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']
const QUERIES =
  'run runs limit after status workflow key q since step level logs reason token colour __proto__ limit[]'.split(' ')
const VALUES = ['1', '0', '200', '201', 'failed', 'running', 'greet', 'import', 'k1', 'info', '2026-01-01']
const TYPES = [
  'application/json',
  'application/json; charset=utf-16',
  'application/vnd.x+json',
  'text/plain',
  'multipart/form-data',
  '',
  ';',
  'application/json;',
]
const ENCODINGS = ['gzip', 'br', 'deflate', 'identity', 'x', '']
const HOSTS = [
  'localhost',
  '127.0.0.1',
  'evil.example',
  '127.0.0.1.evil.example',
  '[::1]',
  'localhost:99999',
  '',
  'a@b',
  '2130706433',
  'localhost.',
]

const often = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>, weight = 6) =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: odd })

function anyPath({ routes, runs }: Known): fc.Arbitrary<string> {
  const part = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...runs, 'greet', 'import', 'k1') },
    { weight: 2, arbitrary: encodedText },
  )
  const of = ({ path }: Route) => {
    const names = path.match(/:\w+/g) ?? []
    return fc
      .tuple(...names.map(() => part))
      .map((parts) => names.reduce((filled, name, at) => filled.replace(name, () => String(parts[at])), path))
  }
  const known = fc.constantFrom(...routes).chain(of)
  const bent = fc
    .tuple(known, encodedText, fc.constantFrom('/', '//', '/../', '?', '#', '.'))
    .map(([path, text, between]) => path + between + text)
  return often(
    known,
    fc.oneof(
      bent,
      encodedText.map((text) => `/${text}`),
      fc.constantFrom('*', 'http://evil.example/runs', '//evil.example/runs', '/?', '/runs?&&=&a'),
    ),
    8,
  )
}

const anyQuery = fc
  .array(fc.tuple(often(fc.constantFrom(...QUERIES), encodedText), fc.oneof(fc.constantFrom(...VALUES), encodedText)), {
    maxLength: 3,
  })
  .map((pairs) => (pairs.length === 0 ? '' : `?${pairs.map((pair) => pair.join('=')).join('&')}`))

function anyHeaders({ tokens }: Known): fc.Arbitrary<[string, string][]> {
  const odd = fc.array(
    fc.oneof(
      fc.tuple(
        fc.constantFrom(
          'Origin',
          'Referer',
          'Cookie',
          'Accept',
          'If-None-Match',
          'traceparent',
          'tracestate',
          'X-Forwarded-For',
          'X-Forwarded-Host',
          'X-HTTP-Method-Override',
          'Upgrade',
          'Range',
          'Access-Control-Request-Method',
        ),
        headerText,
      ),
      fc.tuple(
        fc.constant('Origin'),
        fc.constantFrom('null', 'http://localhost', 'https://evil.example', 'https://app.example'),
      ),
      fc.tuple(
        fc.constant('Sec-Fetch-Site'),
        fc.constantFrom('cross-site', 'same-site', 'same-origin', 'none', '', 'x'),
      ),
      fc.tuple(
        fc.constant('Last-Event-ID'),
        fc.oneof(headerText, fc.constantFrom('e-1', '-', 'e-999999999999999', `${'e'.repeat(70)}-1`)),
      ),
      fc.tuple(
        fc.constant('Accept'),
        fc.constantFrom('text/plain', 'application/x-ndjson', 'image/png', '*/*;q=0', 'text/event-stream'),
      ),
      fc.tuple(fc.constant('Content-Encoding'), fc.constantFrom(...ENCODINGS)),
      fc.tuple(fc.constant('Expect'), fc.constantFrom('100-continue', 'x')),
    ),
    { maxLength: 3 },
  )
  return fc
    .tuple(
      often(fc.constant('localhost'), fc.oneof(fc.constantFrom(...HOSTS), headerText)),
      often(fc.constantFrom(...tokens.slice(0, 2)), fc.oneof(fc.constantFrom(...tokens), headerText), 4),
      often(fc.constant('application/json'), fc.oneof(fc.constantFrom(...TYPES), headerText)),
      odd,
    )
    .map(
      ([host, authorization, type, rest]) =>
        [['Host', host], ['Authorization', authorization], ['Content-Type', type], ...rest] as [string, string][],
    )
}

/** Told as it is, sent in chunks, not told at all, or a lie: then the client goes away rather than wait with the server. */
const anyLength = often(
  fc.constant('true' as const),
  fc.constantFrom('chunked' as const, 'none' as const, 'more' as const, 'less' as const, 'nonsense' as const),
  8,
)

export function anyRequest(known: Known): fc.Arbitrary<Request> {
  const method = fc.constantFrom(...known.routes).map((route) => route.method)
  return fc
    .record({
      server: fc.nat(known.servers - 1),
      method: often(method, fc.oneof(fc.constantFrom(...METHODS), fc.constantFrom('get', 'X', '', 'G ET')), 8),
      path: anyPath(known),
      query: often(anyQuery, fc.constantFrom(`?q=${'x'.repeat(2_000)}`, `?${'run=x&'.repeat(600)}`, '?q=%zz'), 12),
      headers: anyHeaders(known),
      body: anyBody(known.runs),
      length: anyLength,
      leavesAfterMs: often(fc.constant<number | null>(null), fc.constantFrom(0, 1, 5), 12),
    })
    .map(({ server, method: verb, path, query, headers, body, length, leavesAfterMs }) => {
      const isRead = /^(GET|HEAD|OPTIONS)$/.test(verb) && length === 'true'
      const sent = isRead ? Buffer.alloc(0) : body
      const told = isRead ? [] : lengthLines(sent, length)
      const lines = [...headers.map((pair) => pair.join(': ')), ...told, 'Connection: close']
      const isCut = length === 'more' || length === 'nonsense' || length === 'none'
      return {
        server,
        head: `${verb} ${path}${query} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`,
        body: length === 'chunked' ? chunked(sent) : sent,
        isWhole: length === 'true' || length === 'chunked',
        leavesAfterMs: leavesAfterMs ?? (isCut ? 20 : null),
      }
    })
}

function lengthLines(body: Buffer, length: string): string[] {
  if (length === 'chunked') return ['Transfer-Encoding: chunked']
  if (length === 'none') return []
  const told = { more: body.length + 7, less: Math.max(0, body.length - 3), nonsense: '1e3' }[length] ?? body.length
  return [`Content-Length: ${told}`]
}

function chunked(body: Buffer): Buffer {
  if (body.length === 0) return Buffer.from('0\r\n\r\n')
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')])
}
