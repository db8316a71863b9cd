import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { describe, test } from 'node:test'
import { Registry } from '@prometheus-io/client'
import { silent } from '../../db/logger.ts'
import { startServer } from '../../server/start.ts'
import { ask, type Bench, openBench, post, registerWorkflow } from './bench.ts'
import { TestStream } from './stream.ts'

const NEVER_MS = 3_600_000
const TRIGGERS = ['announce_inserted_runs', 'announce_updated_runs', 'announce_deleted_runs']

const begin = ({ sql }: Bench, run: string) => sql("select stepcast.begin_step($1, 'load')", run)
const report = ({ sql }: Bench, run: string, progress: number) =>
  sql("select stepcast.report_step($1, 'load', $2)", run, progress)
const reaches = (stream: TestStream, run: string, progress: number) =>
  stream.until(() => stream.state(run).steps[0]?.progress === progress)

async function silence(bench: Bench): Promise<void> {
  for (const trigger of TRIGGERS) await bench.sql(`alter table stepcast.runs disable trigger ${trigger}`)
}

test('with every notification dropped all is shown all the same, within the poll interval', async () => {
  await using bench = await openBench({ pollMs: 100 })
  await silence(bench)
  await registerWorkflow(bench)
  const run = await bench.openRun()
  const wanted = [{ run }, { workflow: 'greet', key: '1' }, {}, { status: 'running' }]
  using stream = await (await TestStream.ofMany(bench.url, wanted)).ready()
  await begin(bench, run)
  await report(bench, run, 40)
  await reaches(stream, run, 40)
  const started = await post(`${bench.url}/runs`, { workflow: 'greet', input: { name: 'Ada' }, key: '1' })
  const { id } = started.body.run
  await stream.event(({ name, data }) => name === 'snapshot' && data.run.id === id && data.steps !== null)
  await stream.until(() => stream.list().length === 2 && stream.list({ status: 'running' })[0]?.id === run)
  await bench.sql('delete from stepcast.runs where id = $1', run)
  await stream.event(({ name, data }) => name === 'end' && data.reason === 'deleted')
  await stream.until(() => stream.list().length === 1 && stream.list({ status: 'running' }).length === 0)
})

test('what changed while the listening connection was away is shown when it is back', async () => {
  await using bench = await openBench({ pollMs: NEVER_MS })
  const run = await bench.openRun()
  using stream = await (await TestStream.ofMany(bench.url, [{ run }])).ready()
  await begin(bench, run)
  await stream.named('patch')
  const kill = `select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'stepcast listener'`
  assert.equal(await bench.sql(kill), true)
  await report(bench, run, 40)
  await reaches(stream, run, 40)
  await report(bench, run, 50)
  await reaches(stream, run, 50)
})

test('the connections of the pool may break at any time, and what the log says of it has no keys of the session', async () => {
  const logged: unknown[] = []
  const logger = { ...silent, warn: ({ err }: { err?: unknown }) => logged.push(err) }
  await using bench = await openBench({ pollMs: NEVER_MS, logger })
  const run = await bench.openRun()
  using stream = await (await TestStream.ofMany(bench.url, [{ run }])).ready()
  await begin(bench, run)
  for (const progress of [10, 20, 30]) {
    await bench.sql(`select count(pg_terminate_backend(pid)) from pg_stat_activity
      where datname = current_database() and application_name = 'stepcast server'`)
    await report(bench, run, progress)
    await reaches(stream, run, progress)
  }
  assert(logged.length > 0)
  for (const error of logged) assert(error instanceof Error && !('client' in error))
})

test('what another login notifies of, on the same channel, is ignored and not taken for a failed connection', async () => {
  const logged: string[] = []
  const logger = { ...silent, warn: (_: object, message: string) => logged.push(message) }
  await using bench = await openBench({ pollMs: NEVER_MS, logger })
  const run = await bench.openRun()
  using stream = await (await TestStream.ofMany(bench.url, [{ run }])).ready()
  for (const payload of ['', 'hello', '{"a": 1}', `[["${run}", null]]`, `[["${run}", 1e300, 1]]`])
    await bench.sql('select pg_notify($1, $2)', 'stepcast', payload)
  await begin(bench, run)
  await report(bench, run, 40)
  await reaches(stream, run, 40)
  assert.deepEqual(logged, [])
})

/** What becomes of the unlogged row beside rows that are older. */
const FALLS = {
  'a crash has lost the last commits': 'delete from stepcast.epoch;',
  // As pg_restore does it: a dump has the data of unlogged tables too.
  'a dump was restored': `
    create temp table dump on commit drop as table stepcast.epoch;
    delete from stepcast.epoch;
    insert into stepcast.epoch table dump;`,
}

for (const [what, becomes] of Object.entries(FALLS))
  test(`where ${what} every watcher gets a snapshot, though revisions have fallen`, async () => {
    await using bench = await openBench({ pollMs: 100 })
    const run = await bench.openRun()
    using many = await (await TestStream.ofMany(bench.url, [{ run }])).ready()
    using one = await (await TestStream.open(`${bench.url}/runs/${run}/events`)).ready()
    await begin(bench, run)
    for (const progress of [20, 40, 60]) await report(bench, run, progress)
    for (const stream of [many, one]) await reaches(stream, run, 60)
    await bench.sql(`do $$ begin
      set local session_replication_role = replica;
      update stepcast.steps set progress = 20, revision = 3 where run_id = '${run}';
      update stepcast.runs set progress = 20, revision = 3 where id = '${run}';
      ${becomes}
    end $$`)
    for (const stream of [many, one]) {
      await reaches(stream, run, 20)
      const { run: shown } = stream.state(run)
      assert.deepEqual(shown, publicPart((await ask(`${bench.url}/runs/${run}`)).body.run))
    }
    await report(bench, run, 70)
    for (const stream of [many, one]) await reaches(stream, run, 70)
  })

// At once, because each waits for what is looked at now and then.
describe('a database that keeps silent', { concurrency: true }, () => {
  test('what is never answered is given up, and so is the connection', async () => {
    await using proxy = await openProxy()
    await using bench = await openBench()
    const databaseUrl = proxy.urlFor(bench.databaseUrl)
    await using server = await startServer({ databaseUrl, port: 0, pollMs: NEVER_MS, statementTimeoutMs: 1_000 })
    const url = `${server.url}/runs/${await bench.openRun()}`
    const asksUntil = async (wanted: number, before = () => {}) => {
      for (let status = 0; status !== wanted; ) {
        before()
        ;({ status } = await ask(url))
      }
    }
    assert.equal((await ask(url)).status, 200)
    // The listener's own beat may have the dead one already, and the question gets a new one.
    await asksUntil(503, proxy.freeze)
    // Others that were idle may be dead too.
    await asksUntil(200)
  })

  test('a listening connection that goes dead without a word is replaced', async () => {
    await using proxy = await openProxy()
    await using bench = await openBench({ pollMs: NEVER_MS, listenUrlBy: proxy.urlFor })
    const run = await bench.openRun()
    using stream = await (await TestStream.ofMany(bench.url, [{ run }])).ready()
    await begin(bench, run)
    await stream.named('patch')
    proxy.freeze()
    await report(bench, run, 40)
    await reaches(stream, run, 40)
  })

  test('where LISTEN was refused it is said again, and until then that nothing is heard', async () => {
    await using proxy = await openProxy()
    proxy.refusesToListen = true
    const metrics = new Registry()
    await using bench = await openBench({ pollMs: NEVER_MS, listenUrlBy: proxy.urlFor, metrics })
    const run = await bench.openRun()
    using stream = await (await TestStream.ofMany(bench.url, [{ run }])).ready()
    await begin(bench, run)
    const hears = async () => /^stepcast_listening 1$/m.test(await metrics.metrics())
    assert.equal(await hears(), false)
    proxy.refusesToListen = false
    await stream.named('patch')
    for (let progress = 1; !(await hears()); progress++) {
      await report(bench, run, progress)
      await reaches(stream, run, progress)
    }
  })

  test('a listener that hears nothing from the start is named as the mistake it is, and polling goes on', async () => {
    const { promise: complaint, resolve } = Promise.withResolvers<string>()
    const logger = { ...silent, error: (_: object, message: string) => resolve(message) }
    const elsewhere = (url: string) => url.replace(/[^/]+$/, 'postgres')
    await using bench = await openBench({ pollMs: 100, listenUrlBy: elsewhere, logger })
    const run = await bench.openRun()
    using stream = await (await TestStream.ofMany(bench.url, [{ run }])).ready()
    await begin(bench, run)
    await stream.named('patch')
    assert.match(await complaint, /LISTEN does not hear.*pooler.*listenUrl.*polled every 100 ms/s)
  })
})

function publicPart({ input: _, output: __, ...run }: Record<string, unknown>): object {
  return run
}

interface Proxy {
  urlFor: (databaseUrl: string) => string
  /** Nothing passes any more on the connections there are; new ones work. */
  freeze(): void
  /** As a standby does it: the connection stands, and LISTEN is an error. */
  refusesToListen: boolean
  [Symbol.asyncDispose](): Promise<void>
}

async function openProxy(): Promise<Proxy> {
  let target = { host: '', port: 0 }
  const sockets = new Set<Socket>()
  const server: Server = createServer((near) => {
    const far = connect(target)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
    }
    near.on('data', (sent: Buffer) => {
      const at = proxy.refusesToListen ? sent.indexOf('LISTEN') : -1
      if (at >= 0) sent.write('REFUSE', at)
    })
    near.pipe(far).pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy: Proxy = {
    refusesToListen: false,
    urlFor(databaseUrl) {
      const url = new URL(databaseUrl)
      target = { host: url.hostname, port: Number(url.port) }
      url.hostname = '127.0.0.1'
      url.port = String((server.address() as AddressInfo).port)
      return url.href
    },
    freeze() {
      for (const socket of sockets) socket.unpipe().pause()
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
  return proxy
}
