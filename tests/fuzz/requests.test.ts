import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Registry } from '@prometheus-io/client'
import fc from 'fast-check'
import { silent } from '../../db/logger.ts'
import { mintRunToken, type StepcastServer, startServer } from '../../server/start.ts'
import { ask, type Bench, openBench, registerWorkflow } from '../server/bench.ts'
import { SECRET, sign } from '../server/tokens.ts'
import { temporaryFolder } from '../support/folder.ts'
import { size } from '../support/size.ts'
import { anyRequest, type Known, type Request } from './requests.ts'
import { listRoutes } from './routes.ts'
import { type Answer, send } from './send.ts'

/** Sent at once. */
const AT_ONCE = size(16, 32)
const REQUESTS = size(320, 100_000)
const MEBIBYTE = 2 ** 20

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

const complaints: string[] = []
const logger = {
  ...silent,
  error: (about: object, message: string) =>
    void complaints.push(`${message} ${(about as { err?: Error }).err?.stack}`),
}
const metrics = [new Registry(), new Registry()] as const
const rates = { requestsPerMinute: 1e9, refusalsPerMinute: 1e9 }
const folder = await temporaryFolder()
let bench: Bench
let guarded: StepcastServer
let known: Known

before(async () => {
  const assets = await makeAssets()
  bench = await openBench({ logger, assets, metrics: metrics[0] })
  guarded = await startServer({
    databaseUrl: bench.databaseUrl,
    port: 0,
    logger,
    assets,
    metrics: metrics[1],
    rates,
    jwt: { secret: SECRET },
    corsOrigins: ['https://app.example'],
  })
  await registerWorkflow(bench)
  const runs = await Promise.all([null, 'k1', null].map((key) => bench.openRun({ key })))
  const good = `Bearer ${await sign({ tenant: 'default', actions: ['run:read', 'run:debug', 'run:start', 'run:cancel', 'run:retry', 'run:delete', 'stats:read'], exp: 7_200 })}`
  const ofRun = `Bearer ${await mintRunToken({ secret: SECRET, run: runs[0] ?? '', expiresIn: '2h' })}`
  const bad = [
    '',
    'Bearer',
    'Bearer x.y.z',
    `Bearer ${'a'.repeat(9_000)}`,
    'Basic YTpi',
    `${good}x`,
    good.replace('Bearer', 'bearer'),
  ]
  const nobody = '01890000-0000-7000-8000-000000000000'
  known = { routes: listRoutes(), runs: [...runs, nobody], tokens: [good, ofRun, ...bad], servers: 2 }
})
after(async () => {
  await guarded.stop()
  await bench[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

/** As a build would have made them: what is not built is 503. */
async function makeAssets(): Promise<string> {
  const { path } = folder
  const names = listRoutes()
    .map((route) => route.path.slice(1))
    .filter((name) => /^[\w.-]+\.\w+$/.test(name))
  for (const name of ['index.html', 'run.html', 'start.html', 'stats.html', ...names])
    await writeFile(join(path, name), name)
  await writeFile(join(path, 'chunks.json'), '["a.js"]')
  await mkdir(join(path, 'chunks'))
  await writeFile(join(path, 'chunks/a.js'), 'export {}')
  return path
}

/** What no stranger may read. */
const INTERNALS =
  /\bat .*\.ts\b|node_modules|file:\/\/|\b(select|insert|update) .*\bstepcast\.|pg_|violates|SQLSTATE|syntax error at or near/

function check(request: Request, { status, headers, body }: Answer): void {
  const said = () =>
    `${status} ${body}\nto ${JSON.stringify(request.head)} ${JSON.stringify(request.body.toString('latin1').slice(0, 2_000))}`
  assert.ok(status > 0 || request.leavesAfterMs !== null || !request.isWhole, `no answer: ${said()}`)
  assert.ok(status < 500, said())
  if (status < 400) return
  assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/, said())
  assert.doesNotMatch(body, INTERNALS, said())
  if (request.head.startsWith('HEAD ') || request.leavesAfterMs !== null) return
  const problem = JSON.parse(body)
  assert.ok(problem.title && problem.status === status, said())
}

async function sendAll(requests: Request[]): Promise<void> {
  const ports = [bench.server.port, guarded.port]
  const answers = await Promise.all(requests.map((request) => send(ports[request.server] ?? 0, request)))
  for (const [index, answer] of answers.entries()) check(requests[index] as Request, answer)
  assert.deepEqual(complaints, [])
}

/** Bytes in use, once nothing is under way. */
function heap(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

test(`${REQUESTS} bad and half-bad requests: none is answered with a 5xx, ends anything or leaves anything behind`, async (t) => {
  const batch = fc.array(anyRequest(known), { minLength: AT_ONCE, maxLength: AT_ONCE })
  const send = (numRuns: number, seed: number) =>
    fc.assert(fc.asyncProperty(batch, sendAll), { numRuns, seed, endOnFailure: true })
  // Another every night; the few of every day are always the same.
  const seed = size(1, Date.now() % 2 ** 31)
  t.diagnostic(`seed ${seed}`)
  await send(size(4, 50), seed)
  const before = { heap: heap(), resources: process.getActiveResourcesInfo().length }
  await send(Math.ceil(REQUESTS / AT_ONCE), seed + 1)
  await untilNoStream()
  const grown = (heap() - before.heap) / MEBIBYTE
  assert.ok(grown < 24, `${grown.toFixed(1)} MiB more`)
  const more = process.getActiveResourcesInfo().length - before.resources
  assert.ok(more < 20, `${more} handles more`)
  for (const url of [bench.url, guarded.url]) assert.equal((await ask(`${url}/readyz`)).status, 200)
  const sessions = await bench.sql(
    "select count(*)::integer from pg_stat_activity where datname = current_database() and application_name = 'stepcast server'",
  )
  assert.ok(Number(sessions) <= 40, `${sessions} sessions`)
})

/** No watcher is left of those who went away. */
async function untilNoStream(): Promise<void> {
  const isQuiet = async (registry: Registry) => /^stepcast_watchers 0$/m.test(await registry.metrics())
  for (const registry of metrics) while (!(await isQuiet(registry))) await new Promise(setImmediate)
}
