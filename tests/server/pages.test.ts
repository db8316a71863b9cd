import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type StepcastServer, startServer } from '../../server/start.ts'
import { ask } from './bench.ts'

let assets: string
let server: StepcastServer
before(async () => {
  assets = await mkdtemp(join(tmpdir(), 'stepcast-assets-'))
  server = await startServer({ databaseUrl: 'postgres://nobody@127.0.0.1:9/none', port: 0, assets })
})
after(async () => {
  await server.stop()
  await rm(assets, { recursive: true })
})

test('what was not built is 503 and says how to build it', async () => {
  for (const path of ['/', '/runs/1/view', '/stepcast.js']) {
    const { status, body } = await ask(`${server.url}${path}`)
    assert.equal(status, 503)
    assert.match(body.detail, /npm run build/)
  }
})

test('the elements come with their type, for any page, and are asked for again only when they changed', async () => {
  await writeFile(join(assets, 'stepcast.js'), 'export {}')
  const first = await ask(`${server.url}/stepcast.js`)
  assert.equal(first.body, 'export {}')
  assert.match(first.headers.get('content-type') ?? '', /^text\/javascript/)
  assert.equal(first.headers.get('cache-control'), 'no-cache')
  assert.equal(first.headers.get('access-control-allow-origin'), '*')
  assert.equal(first.headers.get('x-content-type-options'), 'nosniff')
  const etag = first.headers.get('etag') ?? ''
  assert.equal(await statusIfNot(etag), 304)
  await writeFile(join(assets, 'stepcast.js'), 'export const a = 1')
  assert.equal(await statusIfNot(etag), 200)
})

test('the pages allow nothing inline and nothing from elsewhere', async () => {
  await writeFile(join(assets, 'index.html'), '<p>home</p>')
  await writeFile(join(assets, 'run.html'), '<p>run</p>')
  for (const [path, text] of [
    ['/', 'home'],
    ['/runs/01890000-0000-7000-8000-000000000000/view', 'run'],
  ]) {
    const { status, headers, body } = await ask(`${server.url}${path}`)
    assert.equal(status, 200)
    assert.match(headers.get('content-type') ?? '', /^text\/html/)
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'self'/)
    assert.doesNotMatch(headers.get('content-security-policy') ?? '', /unsafe/)
    assert.match(body, new RegExp(text ?? ''))
  }
})

test('a chunk that the build has named comes for any page and for ever, and no other', async () => {
  await mkdir(join(assets, 'chunks'))
  await writeFile(join(assets, 'chunks/logs-AB12.js'), 'export const lines = 1')
  await writeFile(join(assets, 'chunks/old-CD34.js'), 'export const lines = 0')
  await writeFile(join(assets, 'chunks.json'), JSON.stringify(['logs-AB12.js']))
  const { status, headers, body } = await ask(`${server.url}/chunks/logs-AB12.js`)
  assert.deepEqual([status, body], [200, 'export const lines = 1'])
  assert.equal(headers.get('cache-control'), 'public, max-age=31536000, immutable')
  assert.equal(headers.get('access-control-allow-origin'), '*')
  assert.equal(headers.get('cross-origin-resource-policy'), 'cross-origin')
  for (const name of ['old-CD34.js', '..%2fchunks.json', '..%2f..%2fpackage.json', 'logs-AB12.js%00', ''])
    assert.equal((await ask(`${server.url}/chunks/${name}`)).status, 404, name)
})

test('no other file can be had', async () => {
  await writeFile(join(assets, 'secret.txt'), 'secret')
  for (const path of ['/secret.txt', '/..%2fsecret.txt', '/stepcast.js/../secret.txt', '/package.json'])
    assert.equal((await ask(`${server.url}${path}`)).status, 404)
})

/** Not by fetch, which asks past every cache as soon as it is given this header. */
async function statusIfNot(etag: string): Promise<number | undefined> {
  const asked = request(`${server.url}/stepcast.js`, { headers: { 'if-none-match': etag } }).end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  answer.resume()
  return answer.statusCode
}
