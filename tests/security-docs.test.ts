import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { SignJWT } from 'jose'
import Koa from 'koa'
import { mintRunToken, stepcastRouter } from '../server/start.ts'
import { ask, type Bench, openBench, registerWorkflow } from './server/bench.ts'
import { bearer, SECRET as secret } from './server/tokens.ts'
import { temporaryFolder } from './support/folder.ts'
import { startProgram } from './support/process.ts'

const page = await readFile(resolve(import.meta.dirname, '../docs/security.md'), 'utf8')
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, text]) => text ?? '')
const [routerText = '', signText = '', mintText = ''] = blocks('ts')

let bench: Bench
before(async () => {
  bench = await openBench({ jwt: { secret } })
  await registerWorkflow(bench)
})
after(() => bench[Symbol.asyncDispose]())

type Names = Record<string, unknown>
const AsyncFunction = (async () => {}).constructor as new (
  ...text: string[]
) => (...given: unknown[]) => Promise<unknown>

/** What a printed text makes of the names it takes for given; what it imports is given too. Answers with what is called `wanted`. */
function runText(text: string, given: Names, wanted?: string): Promise<unknown> {
  const body = text.replace(/^import .*\n/gm, '')
  return new AsyncFunction(...Object.keys(given), `${body}\nreturn ${wanted}`)(...Object.values(given))
}

async function listening(app: Koa) {
  const server = app.listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  const { port } = server.address() as { port: number }
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => void server.close() }
}

test('the router of docs/security.md lets in whom the application knows, and run tokens', async () => {
  const { databaseUrl } = bench
  const stepcast = (await runText(routerText, { stepcastRouter, databaseUrl, secret }, 'stepcast')) as ReturnType<
    typeof stepcastRouter
  >
  const app = new Koa()
  app.use(async (ctx, next) => {
    ctx.state.user = ctx.get('cookie') === 'session=ada' ? { id: 'ada', team: 'blue' } : undefined
    await next()
  })
  app.use(stepcast.routes())
  await using server = await listening(app)
  const run = await bench.openRun({ tenant: 'blue' })
  const url = `${server.url}/stepcast/runs/${run}`
  assert.equal((await ask(url, { headers: { cookie: 'session=ada' } })).status, 200)
  assert.equal((await ask(url)).status, 401)
  assert.equal((await ask(url, bearer(await mintRunToken({ secret, run, tenant: 'blue' })))).status, 200)
  await stepcast.stop()
})

test('the token that docs/security.md signs is believed', async () => {
  const given = { SignJWT, stepcast: bench.url, process: { env: { STEPCAST_JWT_SECRET: secret } } }
  const { status } = (await runText(signText, given, 'answer')) as Response
  assert.equal(status, 200)
})

test('the run token that docs/security.md mints shows its run', async () => {
  const run = await bench.openRun({ tenant: 'blue' })
  const app = new Koa()
  await runText(mintText, { app, mintRunToken, secret, run })
  await using server = await listening(app)
  const token = await (await fetch(server.url)).text()
  assert.equal((await ask(`${bench.url}/runs/${run}`, bearer(token))).status, 200)
})

test('the server of docs/security.md starts with the secret that it makes, and asks who is there', async () => {
  await using folder = await temporaryFolder()
  const main = resolve(import.meta.dirname, '../cli/main.ts')
  await writeFile(join(folder.path, 'stepcast'), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`, {
    mode: 0o755,
  })
  const [shell = ''] = blocks('sh')
  await using started = startProgram('sh', ['-c', shell], {
    // The shell and what it has started end together.
    detached: true,
    env: { PATH: `${folder.path}:${process.env.PATH}`, DATABASE_URL: bench.databaseUrl, PORT: '0', NO_COLOR: '1' },
  })
  const [, port] = await started.says(/"url":"http:\/\/0\.0\.0\.0:(\d+)"/)
  assert.equal((await ask(`http://127.0.0.1:${port}/runs`)).status, 401)
  process.kill(-(started.child.pid ?? 0), 'SIGTERM')
  await started.ended
})

test('every text of docs/security.md that is a program is run here, but for the one of a page', () => {
  assert.deepEqual([blocks('ts').length, blocks('sh').length, blocks('js').length], [3, 1, 1])
  // What it sets is what the element reads; tests of the element give it tokens so.
  assert.match(blocks('js')[0] ?? '', /element\.getToken = async \(\) =>/)
})
