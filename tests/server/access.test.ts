import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { silent } from '../../db/logger.ts'
import type { AccessOptions } from '../../server/access/access.ts'
import { type Principal, startServer } from '../../server/start.ts'
import { ask, type Bench, openBench, post, registerWorkflow } from './bench.ts'
import { TestStream } from './stream.ts'

const NOBODY = '01890000-0000-7000-8000-000000000000'
const PEOPLE: Record<string, Principal> = {
  ada: { id: 'ada', tenant: 'blue' },
  bob: { id: 'bob', tenant: 'red' },
  eve: { id: 'eve', tenant: 'blue' },
  max: { id: 'max', tenant: 'blue' },
  kim: { id: 'kim', tenant: 'blue' },
  ned: { id: 'ned', tenant: 'blue' },
  nul: { id: 'nul', tenant: 'blue\0' },
}
const FALSY: Record<string, unknown> = { false: false, undefined, null: null, '': '' }
/** Eve may look at what has no key, and do nothing. */
const eveMay = (action: string, key: string | null) => action === 'run:read' && key === null

/** The keys that Eve was asked about. */
const askedOfEve: (string | null)[] = []

/** Nobody ever answers about Max. */
const silence = new Promise<boolean>(() => {})

const rules: AccessOptions = {
  authenticate: (ctx) => {
    const name = ctx.get('Authorization').replace('Bearer ', '')
    // As an application in JavaScript may say that it is nobody.
    return PEOPLE[name] ?? (FALSY[name] as null)
  },
  authorize: ({ id }, action, { key, workflow }) => {
    if (id === 'eve') askedOfEve.push(key)
    // A rule in JavaScript that forgets to say.
    if (id === 'ned') return undefined as unknown as boolean
    if (id === 'kim') return workflow !== 'merger'
    return id === 'max' ? silence : id !== 'eve' || eveMay(action, key)
  },
}

let bench: Bench
before(async () => {
  bench = await openBench(rules)
  await registerWorkflow(bench, 'merger')
  await registerWorkflow(bench)
})
after(() => bench[Symbol.asyncDispose]())

const as = (name: string) => ({ headers: { authorization: `Bearer ${name}`, 'content-type': 'application/json' } })

test('who does not say who they are gets 401, on every route and before the first byte of a stream', async () => {
  const run = await bench.openRun({ tenant: 'blue' })
  for (const path of [
    '/runs',
    '/workflows',
    `/runs/${run}`,
    `/runs/${run}/events`,
    '/workflows/import/keys/1/events',
  ]) {
    const { status, headers } = await ask(`${bench.url}${path}`)
    assert.equal(status, 401, path)
    assert.match(headers.get('content-type') ?? '', /problem/)
    assert.match(headers.get('www-authenticate') ?? '', /Bearer/)
  }
  assert.equal((await post(`${bench.url}/events`, { runs: [{ run }] })).status, 401)
  assert.equal((await ask(`${bench.url}/livez`)).status, 200)
})

test('who is not known to the application gets 401, however it says so', async () => {
  for (const name of Object.keys(FALSY)) assert.equal((await ask(`${bench.url}/runs`, as(name))).status, 401, name)
})

test("another tenant's run answers exactly as one that does not exist", async () => {
  const run = await bench.openRun({ tenant: 'blue', key: 'hidden' })
  for (const below of ['', '/events', '/logs', '/journal', '/cancel', '/retry']) {
    const method = /cancel|retry/.test(below) ? 'POST' : 'GET'
    const hidden = await ask(`${bench.url}/runs/${run}${below}`, { ...as('bob'), method })
    const absent = await ask(`${bench.url}/runs/${NOBODY}${below}`, { ...as('bob'), method })
    assert.equal(hidden.status, 404)
    assert.deepEqual(hidden.body, absent.body)
    assert.deepEqual([...hidden.headers.keys()], [...absent.headers.keys()])
  }
  assert.equal((await ask(`${bench.url}/workflows/import/keys/hidden`, as('bob'))).status, 404)
  assert.equal((await ask(`${bench.url}/runs`, as('bob'))).body.runs.length, 0)
  assert.equal((await ask(`${bench.url}/runs/${run}`, as('ada'))).status, 200)
})

test('a stream of many tells no difference between a hidden run and none', async () => {
  const run = await bench.openRun({ tenant: 'blue' })
  const body = JSON.stringify({ runs: [{ run }, { run: NOBODY }, { run: 'x' }, { workflow: 'import', key: 'hidden' }] })
  using stream = await TestStream.open(`${bench.url}/events`, { ...as('bob'), method: 'POST', body })
  await stream.ready()
  assert.deepEqual(
    stream.events.map(({ name, data }) => [name, data.run.id, data.reason, data.run.revision]),
    [run, NOBODY, 'x'].map((id) => ['end', id, 'not-found', 0]),
  )
})

test("a rule of the application's own hides a run, or refuses what may not be done to it", async () => {
  const plain = await bench.openRun({ tenant: 'blue' })
  const keyed = await bench.openRun({ tenant: 'blue', key: 'secret' })
  assert.equal((await ask(`${bench.url}/runs/${plain}`, as('eve'))).status, 200)
  assert.equal((await ask(`${bench.url}/runs/${plain}/cancel`, { ...as('eve'), method: 'POST' })).status, 403)
  assert.equal((await ask(`${bench.url}/runs/${keyed}`, as('eve'))).status, 404)
  assert.equal((await ask(`${bench.url}/runs/${keyed}/cancel`, { ...as('eve'), method: 'POST' })).status, 404)
  const listed = (await ask(`${bench.url}/runs`, as('eve'))).body.runs
  assert.ok(listed.every((run: { key: string | null }) => run.key === null))
  const start = { ...as('eve'), method: 'POST', body: JSON.stringify({ workflow: 'greet', input: { name: 'x' } }) }
  assert.equal((await ask(`${bench.url}/runs`, start)).status, 403)
})

test("a rule of the application's own that says nothing allows nothing", async () => {
  const run = await bench.openRun({ tenant: 'blue', key: 'unsaid' })
  for (const path of [`/runs/${run}`, `/runs/${run}/events`, '/workflows/import/keys/unsaid'])
    assert.equal((await ask(`${bench.url}${path}`, as('ned'))).status, 404, path)
  assert.deepEqual((await ask(`${bench.url}/runs`, as('ned'))).body.runs, [])
  assert.deepEqual((await ask(`${bench.url}/workflows`, as('ned'))).body.workflows, [])
  assert.equal((await post(`${bench.url}/runs`, { workflow: 'greet' }, as('ned').headers)).status, 403)
  const body = JSON.stringify({ runs: [{}, { run }, { workflow: 'import', key: 'unsaid' }] })
  using stream = await TestStream.open(`${bench.url}/events`, { ...as('ned'), method: 'POST', body })
  await stream.ready()
  assert.deepEqual(stream.list(), [])
  assert.ok(stream.events.every(({ name }) => name !== 'snapshot'))
})

test('a workflow that one may not start is named neither in a list nor in a refusal', async () => {
  assert.deepEqual(
    (await ask(`${bench.url}/workflows`, as('kim'))).body.workflows.map(({ name }: { name: string }) => name),
    ['greet'],
  )
  const start = async (name: string, workflow: string) =>
    (await post(`${bench.url}/runs`, { workflow }, as(name).headers)).body.detail
  assert.equal(await start('kim', 'nope'), 'workflow: there is no workflow “nope”; registered are: greet')
  assert.equal(await start('ada', 'nope'), 'workflow: there is no workflow “nope”; registered are: greet, merger')
  assert.equal(await start('kim', 'merger'), 'You do not have the right run:start here.')
})

test('pages are full of what may be seen, and end as if there were nothing else', async () => {
  const [first] = [await bench.openRun({ tenant: 'blue' }), await bench.openRun({ tenant: 'blue', key: 'hidden 1' })]
  const second = await bench.openRun({ tenant: 'blue' })
  for (const n of [2, 3, 4]) await bench.openRun({ tenant: 'blue', key: `hidden ${n}` })
  const page = async (query: string) => (await ask(`${bench.url}/runs?limit=1${query}`, as('eve'))).body
  const newest = await page('')
  assert.deepEqual([newest.runs[0].id, newest.next], [second, second])
  const older = await page(`&after=${newest.next}`)
  assert.equal(older.runs[0].id, first)
  await bench.sql("delete from stepcast.runs where tenant = 'blue' and key is null and id <> $1", second)
  assert.equal((await page('')).next, null)
})

test('where nothing else may be seen for long, the next page, from whichever server, goes on from a place that names no hidden run', async () => {
  const key = 'hidden in a row'
  const seen = await bench.openRun({ tenant: 'blue' })
  const hidden: string[] = []
  for (let n = 0; n < 25; n++) hidden.push(await bench.openRun({ tenant: 'blue', key: `${key} ${n}` }))
  const another = await startServer({ databaseUrl: bench.databaseUrl, port: 0, ...rules })
  const page = async (after = '', { url }: { url: string } = bench) =>
    ask(`${url}/runs?limit=1&after=${after}`, as('eve'))
  const { runs, next } = (await page()).body
  assert.deepEqual(runs, [])
  const told = [next, Buffer.from(next, 'base64url').toString('hex')].map((text) => text.replaceAll('-', ''))
  for (const run of hidden) for (const text of told) assert.ok(!text.includes(run.replaceAll('-', '')), next)
  for (const server of [bench, another]) {
    const { body } = await page(next, server)
    assert.deepEqual(
      body.runs.map(({ id }: { id: string }) => id),
      [seen],
    )
  }
  await another.stop()
  const altered = `${next.startsWith('A') ? 'B' : 'A'}${next.slice(1)}`
  for (const wrong of [altered, 'A'.repeat(next.length)]) {
    const { status, body } = await page(wrong)
    assert.deepEqual([status, body.errors[0].path], [422, 'after'])
  }
  const ofRed = await ask(`${bench.url}/runs?after=${next}`, as('bob'))
  assert.equal(ofRed.status, 422)
  await bench.sql('delete from stepcast.runs where id = any ($1)', [...hidden, seen])
})

test('a key whose newest run may not be seen stays silent', async () => {
  await bench.openRun({ tenant: 'blue', key: 'quiet' })
  using stream = await TestStream.open(`${bench.url}/workflows/import/keys/quiet/events`, as('eve'))
  await stream.ready()
  assert.deepEqual(stream.events, [])
})

test('a key whose newest run may not be seen is asked about once, however many runs are started elsewhere', async () => {
  await bench.openRun({ tenant: 'blue', key: 'asked once' })
  using stream = await (
    await TestStream.open(`${bench.url}/workflows/import/keys/asked%20once/events`, as('eve'))
  ).ready()
  using elsewhere = await (await TestStream.open(`${bench.url}/workflows/import/keys/else/events`, as('ada'))).ready()
  for (let started = 0; started < 4; started++) {
    const run = await bench.openRun({ tenant: 'blue', key: 'else' })
    await elsewhere.event(({ data }) => data.run.id === run)
    await bench.sql('delete from stepcast.runs where id = $1', run)
  }
  assert.deepEqual(stream.events, [])
  assert.equal(askedOfEve.filter((key) => key === 'asked once').length, 1)
})

test("a rule of the application's own that never answers keeps nobody else who watches a key waiting", async () => {
  const run = await bench.openRun({ tenant: 'blue', key: 'awaited' })
  const open = (name: string) => TestStream.open(`${bench.url}/workflows/import/keys/awaited/events`, as(name))
  using max = await open('max')
  using ada = await (await open('ada')).ready()
  assert.deepEqual([ada.events[0]?.data.run.id, max.events], [run, []])
  await bench.sql('delete from stepcast.runs where id = $1', run)
  const next = await bench.openRun({ tenant: 'blue', key: 'awaited' })
  await ada.event(({ name, data }) => name === 'snapshot' && data.run.id === next)
})

test('a tenant that no database can hold is refused, and spoils no list of others', async () => {
  const list = (name: string) =>
    TestStream.open(`${bench.url}/events`, { ...as(name), method: 'POST', body: '{"runs":[{}]}' })
  using nul = await list('nul')
  assert.equal(nul.status, 500)
  using bob = await (await list('bob')).ready()
  assert.equal(bob.status, 200)
})

test('a live list holds what the caller may see, and no more', async () => {
  const open = (name: string, wanted = {}) =>
    TestStream.open(`${bench.url}/events`, { ...as(name), method: 'POST', body: JSON.stringify({ runs: [wanted] }) })
  using bob = await (await open('bob')).ready()
  using ada = await (await open('ada')).ready()
  using eve = await (await open('eve')).ready()
  const hidden = await bench.openRun({ tenant: 'blue', key: 'unlisted' })
  const plain = await bench.openRun({ tenant: 'blue' })
  const last = await bench.openRun({ tenant: 'red' })
  await bob.until(() => bob.list()[0]?.id === last)
  await ada.until(() => ada.list()[0]?.id === plain && ada.list()[1]?.id === hidden)
  await eve.until(() => eve.list()[0]?.id === plain)
  for (const [name, stream] of Object.entries({ ada, bob, eve }))
    assert.deepEqual(stream.list(), (await ask(`${bench.url}/runs`, as(name))).body.runs)
  using late = await (await open('eve', { limit: 2 })).ready()
  assert.deepEqual(late.list({ limit: 2 }), (await ask(`${bench.url}/runs?limit=2`, as('eve'))).body.runs)
})

test('a run is started for the tenant and in the name of who asked', async () => {
  const start = { ...as('ada'), method: 'POST', body: JSON.stringify({ workflow: 'greet', input: { name: 'x' } }) }
  const { body } = await ask(`${bench.url}/runs`, start)
  assert.equal(body.run.createdBy, 'ada')
  assert.equal(await bench.sql('select tenant from stepcast.runs where id = $1', body.run.id), 'blue')
})

test('a run that a rule fails for is missing from lists, which go on, and comes when it answers', async () => {
  const warned: string[] = []
  const logger = { ...silent, warn: (_: object, message: string) => warned.push(message) }
  let isMended = false
  // As one that did not think of runs without a key.
  const authorize: AccessOptions['authorize'] = (_, __, { key }) => {
    if (key === null && !isMended) throw new TypeError('key is null')
    return key !== 'hidden'
  }
  await using server = await startServer({
    databaseUrl: bench.databaseUrl,
    port: 0,
    pollMs: 100,
    authenticate: () => ({ id: 'ada', tenant: 'rule' }),
    authorize,
    logger,
  })
  const mine = await bench.openRun({ tenant: 'rule', key: 'mine' })
  const keyless = await bench.openRun({ tenant: 'rule' })
  await bench.openRun({ tenant: 'rule', key: 'hidden' })
  const listed = async () => (await ask(`${server.url}/runs`)).body.runs.map(({ id }: { id: string }) => id)
  assert.deepEqual(await listed(), [mine])
  using stream = await (await TestStream.ofMany(server.url, [{ limit: 50 }, { run: mine }])).ready()
  const shown = () => stream.list().map(({ id }) => id)
  assert.deepEqual(shown(), [mine])
  assert.deepEqual((await ask(`${server.url}/stuck`)).body, { runs: [] })
  assert.equal((await ask(`${server.url}/runs/${keyless}`)).status, 500)
  const later = await bench.openRun({ tenant: 'rule', key: 'later' })
  await stream.until(() => shown()[0] === later)
  assert.deepEqual(
    [await listed(), shown()],
    [
      [later, mine],
      [later, mine],
    ],
  )
  assert.equal(warned.filter((message) => message.startsWith('authorize failed')).length, 1)
  isMended = true
  await stream.until(() => shown().includes(keyless))
  assert.deepEqual([await listed(), shown()], Array(2).fill([later, keyless, mine]))
})
