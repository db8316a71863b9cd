import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import pg from 'pg'
import { ACTIONS, type Action } from '../../server/access/principal.ts'
import { mintRunToken } from '../../server/start.ts'
import { listRoutes } from '../fuzz/routes.ts'
import { ask, openBench, registerWorkflow } from './bench.ts'
import { TestStream } from './stream.ts'
import { SECRET, sign } from './tokens.ts'

const NOBODY = '01890000-0000-7000-8000-000000000000'
const BASES = ['/runs/:id', '/workflows/:workflow/keys/:key']

/** What every route takes; `nothing`: it shows what holds no secret, or whether the process lives. */
const NEEDED: Record<string, Action | 'nothing' | 'a name' | 'an operator'> = {
  'GET /runs': 'run:read',
  'POST /runs': 'run:start',
  'GET /workflows': 'a name',
  'GET /stats': 'stats:read',
  'GET /stats/running': 'stats:read',
  'GET /stats/durations': 'stats:read',
  'GET /stuck': 'run:read',
  'GET /metrics': 'an operator',
  'POST /events': 'a name',
  'GET /events': 'a name',
  ...Object.assign(
    {},
    ...BASES.map((base) => ({
      [`GET ${base}`]: 'run:read',
      [`DELETE ${base}`]: 'run:delete',
      [`GET ${base}/events`]: 'run:read',
      [`GET ${base}/logs`]: 'run:read',
      [`GET ${base}/journal`]: 'run:read',
      [`POST ${base}/cancel`]: 'run:cancel',
      [`POST ${base}/retry`]: 'run:retry',
    })),
  ),
  'GET /': 'nothing',
  'GET /runs/:id/view': 'nothing',
  'GET /start/view': 'nothing',
  'GET /stats/view': 'nothing',
  'GET /docs': 'nothing',
  'GET /openapi.json': 'nothing',
  'GET /chunks/:chunk': 'nothing',
  'GET /livez': 'nothing',
  'GET /readyz': 'nothing',
}
/** What pages load. */
const LOADED = /^\/[\w.-]+\.(js|map|css|svg)$/

const routes = listRoutes().filter(({ method }) => method !== 'HEAD')
const needs = (method: string, path: string) => (LOADED.test(path) ? 'nothing' : NEEDED[`${method} ${path}`])

/** What the database was asked, beside what the server asks by itself. */
const asked: string[] = []
const query = pg.Pool.prototype.query
pg.Pool.prototype.query = function (this: pg.Pool, ...given: unknown[]) {
  const [first] = given as [string | { text: string }]
  const text = typeof first === 'string' ? first : first.text
  if (!/pg_notify|read_revisions/.test(text)) asked.push(text)
  return Reflect.apply(query, this, given)
} as typeof query

const bench = await openBench({
  jwt: { secret: SECRET },
  pollMs: 3_600_000,
  // A rule that hides what has this key from everybody.
  authorize: (_, __, { key }) => key !== 'hidden',
})
after(() => bench[Symbol.asyncDispose]())
await registerWorkflow(bench)

async function askWith(token: string | null, method: string, address: string) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
  const leaving = new AbortController()
  const body = method === 'POST' ? { body: bodyFor(address) } : {}
  const response = await fetch(bench.url + address, { method, headers, ...body, signal: leaving.signal })
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
  const text = isStream ? await untilReady(response) : await response.text()
  leaving.abort()
  return {
    status: response.status,
    names: [...response.headers.keys()],
    type: response.headers.get('content-type'),
    text,
  }
}

function bodyFor(address: string): string {
  if (address === '/runs') return '{"workflow": "greet", "input": {"name": "x"}}'
  if (address === '/events') return '{"runs": []}'
  return address.endsWith('/retry') ? '{"from": "none"}' : '{}'
}

/** But for the time to come back, which is by chance. */
async function untilReady(response: Response): Promise<string> {
  let text = ''
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk
    if (text.includes(': ready')) break
  }
  return text.replace(/retry: \d+/, '')
}

const fill = (path: string, run: string, key: string) =>
  path
    .replace(':id', run)
    .replace(':workflow', 'import')
    .replace(':key', key)
    .replace('/stats/durations', '/stats/durations?workflow=import')

test('for every route it is written down what it takes', () => {
  const written = Object.keys(NEEDED)
  const there = routes
    .map(({ method, path }) => `${method} ${path}`)
    .filter((route) => !LOADED.test(route.split(' ')[1] ?? ''))
  assert.deepEqual(written.toSorted(), there.toSorted())
})

test('without a token pages and what they load are served, and everything else is 401 as a problem', async () => {
  const run = await bench.openRun({ tenant: 'blue', key: 'k1' })
  for (const { method, path } of routes) {
    for (const token of [null, 'x.y.z']) {
      const { status, type, text } = await askWith(token, method, fill(path, run, 'k1'))
      const place = `${method} ${path}: ${status} ${text.slice(0, 200)}`
      // What was not built yet is 503; a chunk of that name there never was.
      if (needs(method, path) === 'nothing')
        assert.ok([200, 503, path.includes(':chunk') ? 404 : 200].includes(status), place)
      else
        assert.deepEqual(
          [status, type, JSON.parse(text).title],
          [401, 'application/problem+json', 'Unauthorized'],
          place,
        )
      assert.ok(!text.includes(run) || needs(method, path) === 'nothing', place)
    }
  }
})

test('each route takes its action: who has all others is refused, who has it and may read is not', async () => {
  for (const { method, path } of routes) {
    const need = needs(method, path)
    if (!ACTIONS.includes(need as Action)) continue
    const run = await bench.openRun({ tenant: 'blue', key: `of ${method} ${path}` })
    const address = fill(path, run, encodeURIComponent(`of ${method} ${path}`))
    const others = await sign({ actions: ACTIONS.filter((action) => action !== need) })
    const enough = await sign({ actions: [need, 'run:read'] })
    const refused = await askWith(others, method, address)
    // A key may be watched before there is a run.
    if (path === `${BASES[1]}/events`) assert.ok(!refused.text.includes('event: '), path)
    else assert.equal(refused.status, need === 'run:read' && path.includes(':') ? 404 : 403, `${method} ${path}`)
    const { status, text } = await askWith(enough, method, address)
    assert.ok(![401, 403, 404].includes(status), `${method} ${path}: ${status} ${text}`)
    assert.equal(need === 'run:read' && path.endsWith('/events') ? text.includes('event: snapshot') : true, true, path)
  }
})

test('what may not be seen answers as what does not exist, on every route of a run: the same words, and the same questions to the database', async () => {
  const own = await bench.openRun({ tenant: 'blue' })
  const all = { actions: ACTIONS }
  const authorization = `Bearer ${await sign(all)}`
  using heard = await (await TestStream.open(`${bench.url}/runs/${own}/events`, { headers: { authorization } })).ready()
  const viewers: Record<string, [token: string, key: string]> = {
    'another tenant': [await sign({ ...all, tenant: 'red' }), 'k2'],
    'a token of another run': [await mintRunToken({ secret: SECRET, tenant: 'blue', run: own, ...all }), 'k3'],
    'a token of another key': [
      await mintRunToken({ secret: SECRET, tenant: 'blue', workflow: 'import', key: 'x', ...all }),
      'k4',
    ],
    'a rule of the application': [await sign(all), 'hidden'],
  }
  const ofRuns = routes.filter(({ path }) => path.startsWith('/runs/:id') || path.includes(':key'))
  for (const [viewer, [token, key]] of Object.entries(viewers)) {
    const run = await bench.openRun({ tenant: 'blue', key })
    // Whoever watches a key is looked up once more when the server hears of that run: by then it has.
    await bench.sql('update stepcast.runs set metadata = $2 where id = $1', own, { viewer })
    await heard.until(() => heard.state(own).run?.metadata.viewer === viewer)
    for (const { method, path } of ofRuns) {
      if (needs(method, path) === 'nothing') continue
      const place = `${viewer}: ${method} ${path}`
      asked.length = 0
      const hidden = await askWith(token, method, fill(path, run, key))
      const askedOfHidden = asked.splice(0)
      const absent = await askWith(token, method, fill(path, NOBODY, 'never'))
      assert.deepEqual(hidden, absent, place)
      assert.deepEqual(askedOfHidden, asked, place)
    }
    assert.equal(await bench.sql('select status from stepcast.runs where id = $1', run), 'pending', viewer)
  }
})

test('numbers of all tenants are for operators, whatever else one may do', async () => {
  assert.equal((await askWith(await sign({ actions: ACTIONS }), 'GET', '/metrics')).status, 403)
  const { status, text } = await askWith(await sign({ operator: true, actions: [] }), 'GET', '/metrics')
  assert.equal(status, 200)
  assert.match(text, /^stepcast_watchers 0$/m)
  assert.equal((await ask(`${bench.url}/metrics?token=${await sign({ operator: true })}`)).status, 401)
})
