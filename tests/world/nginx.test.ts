import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:http2'
import { after, describe, test } from 'node:test'
import { startServer } from '../../server/start.ts'
import { ask, type Bench, openBench, post, registerWorkflow } from '../server/bench.ts'
import { TestStream } from '../server/stream.ts'
import { startNginx } from '../support/nginx.ts'
import { watch } from './watched.ts'

const bench = await openBench()
after(() => bench[Symbol.asyncDispose]())
const target = bench.url
const authenticate = () => ({ id: 'ada', tenant: 'default' })
const asking = await startServer({ databaseUrl: bench.databaseUrl, port: 0, authenticate })
after(() => asking.stop())

const operations = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8')
/** What stands beside `proxy_pass` in the documents. */
const [, printed = ''] = /^location \/ \{\n.*proxy_pass .*\n([^}]+)\}/m.exec(operations) ?? []

const nginx = await startNginx({
  plain: { target },
  compressing: {
    target,
    directives: 'gzip on; gzip_types *; gzip_proxied any; gzip_http_version 1.0; gzip_min_length 0;',
  },
  buffering: { target, directives: 'proxy_ignore_headers X-Accel-Buffering; proxy_buffering on;' },
  cutting: { target, directives: 'proxy_read_timeout 300ms;' },
  secure: { target, tls: true },
  open: { target, directives: printed },
  // The slash after the target takes the prefix away.
  stripping: { target, directives: `location /tools/stepcast/ { proxy_pass ${target}/; }` },
  asking: { target: asking.url, directives: printed },
})
after(() => nginx[Symbol.asyncDispose]())
const { urls } = nginx

/** Time enough for a poll, on a busy machine too; and no stream is tried meanwhile, of which a part might come through. */
const HELD_BACK = { openMs: 4_000, pollRetryMs: 60_000 }

const begin = ({ sql }: Bench, run: string) => sql("select stepcast.begin_step($1, 'load')", run)
const log = ({ sql }: Bench, run: string, line: string) =>
  sql("select stepcast.log_line($1, 'load', 'info', $2)", run, line)
const report = ({ sql }: Bench, run: string, progress: number) =>
  sql("select stepcast.report_step($1, 'load', $2)", run, progress)
const complete = async ({ sql }: Bench, run: string) => {
  await sql("select stepcast.complete_step($1, 'load')", run)
  await sql('select stepcast.finish_run($1)', run)
}

// Whoever waits for an event that is held back waits for ever: the time limits are what can fail here.
describe('nginx in front', { concurrency: true, timeout: 20_000 }, () => {
  for (const name of ['plain', 'compressing'] as const) {
    test(`${name}: every event arrives at once, and a stream that was cut goes on where it was`, async () => {
      const run = await bench.openRun()
      const url = `${urls[name]}/runs/${run}/events`
      using stream = await (await TestStream.open(url)).ready()
      // It compresses in spite of no-transform, and sends on what it has all the same.
      assert.equal(stream.headers.get('content-encoding'), name === 'compressing' ? 'gzip' : null)
      assert.equal(stream.headers.get('content-type'), 'text/event-stream; charset=utf-8')
      await begin(bench, run)
      const { id } = await stream.named('patch')
      for (const progress of [10, 20]) {
        await report(bench, run, progress)
        await stream.until(() => stream.state(run).steps[0]?.progress === progress)
      }
      stream.close()
      using again = await (await TestStream.open(url, { headers: { 'last-event-id': String(id) } })).ready()
      assert.deepEqual(
        again.events.map(({ name, data }) => [name, data.steps[0].progress]),
        [['patch', 20]],
      )
    })
  }

  test('buffering: the client notices that nothing comes through, and polls', async () => {
    const run = await bench.openRun()
    using watched = watch(urls.buffering, run, HELD_BACK)
    await begin(bench, run)
    await log(bench, run, 'one')
    await watched.until(({ connection, steps }) => connection.state === 'polling' && steps[0]?.status === 'running')
    assert.ok(!watched.states.includes('live'), watched.states.join())
    await log(bench, run, 'two')
    await complete(bench, run)
    const { run: shown, logs } = await watched.until(({ ended, logs }) => ended === 'completed' && logs.length === 2)
    await assertRight(run, shown)
    assert.deepEqual(
      logs.map(({ message }) => message),
      ['one', 'two'],
    )
  })

  test('buffering, but what is first fills the buffer: the client notices that the rest is held back, and polls', async () => {
    const run = await bench.openRun()
    await bench.sql('update stepcast.runs set metadata = $2 where id = $1', run, { long: 'x'.repeat(200_000) })
    await begin(bench, run)
    using watched = watch(urls.buffering, run, HELD_BACK)
    await watched.until(({ connection }) => connection.state === 'polling')
    await complete(bench, run)
    await watched.until(({ ended }) => ended === 'completed')
  })

  test('cutting every 300 ms: nothing is lost, and what is shown is right', async () => {
    const run = await bench.openRun()
    using watched = watch(urls.cutting, run)
    await begin(bench, run)
    const cuts = () => watched.states.filter((state) => state === 'reconnecting').length
    for (let line = 1; line <= 4; line++) {
      await log(bench, run, `line ${line}`)
      await watched.until(() => cuts() >= line)
    }
    await complete(bench, run)
    const { run: shown, logs } = await watched.until(({ ended, logs }) => ended === 'completed' && logs.length === 4)
    assert.deepEqual(
      logs.map(({ message }) => message),
      ['line 1', 'line 2', 'line 3', 'line 4'],
    )
    await assertRight(run, shown)
  })

  test('HTTP/2: twenty streams on one connection, all of them live', async () => {
    const run = await bench.openRun()
    const session = connect(urls.secure, { rejectUnauthorized: false })
    const streams = Array.from({ length: 20 }, () =>
      session.request({ ':path': `/runs/${run}/events` }).setEncoding('utf8'),
    )
    const hears = async (stream: (typeof streams)[number], text: string) => {
      for (let heard = ''; !heard.includes(text); ) heard += (await once(stream, 'data'))[0]
    }
    await Promise.all(streams.map((stream) => hears(stream, ': ready')))
    const all = Promise.all(streams.map((stream) => hears(stream, 'event: patch')))
    await begin(bench, run)
    await all
    session.destroy()
  })
})

test('as the documents have it, a server that asks nobody refuses other names than its own, and one that asks serves the pages of its name', async () => {
  const headers = { host: 'app.example', origin: 'http://app.example', 'content-type': 'application/json' }
  const options = { method: 'POST', headers }
  assert.equal(await statusOf(`${urls.open}/events`, options), 403)
  assert.equal(await statusOf(`${urls.asking}/events`, options), 200)
  assert.equal(await statusOf(`${urls.asking}/events`, { ...options, headers: { ...headers, host: 'b.example' } }), 403)
})

test('in front of a server that does not know of the prefix, what is started, the pages and the document are found below it', async () => {
  await registerWorkflow(bench)
  const base = `${urls.stripping}/tools/stepcast`
  for (const path of ['/runs', '/runs/']) {
    const { status, headers, body } = await post(`${base}${path}`, { workflow: 'greet', input: { name: 'Ada' } })
    assert.equal(status, 201)
    const address = new URL(headers.get('location') ?? '', `${base}${path}`)
    assert.equal((await ask(address.href)).body.run.id, body.run.id)
    const page = await fetch(`${base}/runs/${body.run.id}/view/?x=1`)
    assert.deepEqual([page.status, page.url], [200, `${base}/runs/${body.run.id}/view?x=1`])
  }
  const { url } = await fetch(`${base}/openapi.json/`)
  assert.equal(url, `${base}/openapi.json`)
  const [server] = (await ask(url)).body.servers
  assert.equal(new URL(server.url, url).href, `${base}/`)
})

/** Asks for the events of nothing, under a name that `fetch` would not use. */
async function statusOf(url: string, options: object): Promise<number | undefined> {
  const asked = request(url, options).end('{"runs": []}')
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  answer.destroy()
  return answer.statusCode
}

/** A poll brings the input and the output too, which streams do not. */
async function assertRight(run: string, shown: object | null): Promise<void> {
  const publicPart = ({ input: _, output: __, ...row }: Record<string, unknown>) => row
  assert.deepEqual(publicPart({ ...shown }), publicPart((await ask(`${bench.url}/runs/${run}`)).body.run))
}
