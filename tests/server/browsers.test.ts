import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startServer } from '../../server/start.ts'
import { type Answer, ask, type Bench, openBench, registerWorkflow } from './bench.ts'
import { TestStream } from './stream.ts'
import { SECRET, sign } from './tokens.ts'

const APP = 'https://app.example'
const EVIL = 'https://evil.example'
const START = JSON.stringify({ workflow: 'greet', input: { name: 'Ada' } })

let bench: Bench
before(async () => {
  bench = await openBench({
    jwt: { secret: SECRET },
    authenticate: (ctx) => (ctx.cookies.get('session') === '1' ? { id: 'ada', tenant: 'blue' } : null),
    corsOrigins: [APP],
  })
  await registerWorkflow(bench)
})
after(() => bench[Symbol.asyncDispose]())

/** As a browser sends it that has a session with the server. */
const withCookie = (headers: Record<string, string>, init: RequestInit = {}): Promise<Answer> =>
  ask(`${bench.url}/runs`, {
    ...init,
    headers: { cookie: 'session=1', 'content-type': 'application/json', ...headers },
  })
const shared = ({ headers }: Answer) => headers.get('access-control-allow-origin')

test('a page that the server does not know can neither change anything with its visitor’s cookies nor read', async () => {
  const foreign = [
    { origin: EVIL },
    { origin: 'null' },
    { origin: EVIL, 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: `${APP}.evil.example`, 'sec-fetch-site': 'cross-site' },
  ]
  for (const headers of foreign) {
    for (const method of ['POST', 'DELETE']) {
      const path = method === 'POST' ? '/runs' : '/runs/01890000-0000-7000-8000-000000000000'
      const body = method === 'POST' ? { body: START } : {}
      const all = { cookie: 'session=1', 'content-type': 'application/json', ...headers }
      const answer = await ask(`${bench.url}${path}`, { method, headers: all, ...body })
      assert.deepEqual([answer.status, shared(answer)], [403, null], JSON.stringify(headers))
    }
    const read = await withCookie(headers)
    assert.deepEqual([read.status, shared(read)], [200, null])
  }
  assert.equal(await bench.sql('select count(*)::integer from stepcast.runs'), 0)
})

test('the server’s own pages, allowed ones and what is no browser may change what their user may', async () => {
  const own: Record<string, string>[] = [
    {},
    { origin: bench.url },
    { origin: 'https://proxied.example', 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'none' },
    { origin: APP, 'sec-fetch-site': 'cross-site' },
  ]
  for (const headers of own)
    assert.equal((await withCookie(headers, { method: 'POST', body: START })).status, 201, JSON.stringify(headers))
})

test('an allowed page is told what it may ask, and is shown answers, refusals and streams', async () => {
  const wanted = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' }
  const preflight = (origin: string) =>
    ask(`${bench.url}/events`, { method: 'OPTIONS', headers: { origin, ...wanted } })
  const allowed = await preflight(APP)
  assert.deepEqual([allowed.status, shared(allowed)], [204, APP])
  assert.match(allowed.headers.get('access-control-allow-headers') ?? '', /Authorization/)
  assert.equal(allowed.headers.get('access-control-allow-credentials'), null)
  assert.equal(shared(await preflight(EVIL)), null)
  const unknown = await ask(`${bench.url}/runs`, { headers: { origin: APP } })
  assert.deepEqual([unknown.status, shared(unknown)], [401, APP])
  const headers = {
    origin: APP,
    authorization: `Bearer ${await sign()}`,
    'content-type': 'application/json',
    cookie: 'session=1',
  }
  using stream = await TestStream.open(`${bench.url}/events`, { method: 'POST', headers, body: '{"runs": []}' })
  assert.deepEqual([stream.status, stream.headers.get('access-control-allow-origin')], [200, APP])
})

test('every answer says what a browser must not do with it', async () => {
  for (const path of ['/runs', '/runs/x', '/livez', '/nowhere-of-ours', '/nowhere-of-ours/%zz']) {
    const { headers } = await ask(`${bench.url}${path}`, { headers: { cookie: 'session=1' } })
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path)
    assert.match(headers.get('content-security-policy') ?? '', /^default-src 'none'/, path)
  }
  const { headers } = await withCookie({})
  assert.equal(headers.get('content-security-policy'), "default-src 'none';frame-ancestors 'none'")
  assert.equal(headers.get('x-frame-options'), 'SAMEORIGIN')
  assert.equal(headers.get('strict-transport-security'), null)
  const page = await ask(`${bench.url}/`)
  assert.match(page.headers.get('content-security-policy') ?? '', /^default-src 'self'; .*frame-ancestors 'self'/)
  assert.equal(page.headers.get('cross-origin-opener-policy'), 'same-origin')
  const element = await ask(`${bench.url}/stepcast.js`, { headers: { origin: EVIL } })
  assert.equal(shared(element), '*')
  assert.equal(element.headers.get('cross-origin-resource-policy'), 'cross-origin')
})

test('an origin that is none starts no server', async () => {
  for (const origin of ['*', 'https://*.app.example', `${APP}/`, 'app.example', 'null'])
    await assert.rejects(
      startServer({ databaseUrl: bench.databaseUrl, port: 0, corsOrigins: [origin] }),
      /An origin is like/,
    )
})
