import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { startProcess } from '../support/process.ts'

const main = join(import.meta.dirname, '../../cli/main.ts')
const config = join(import.meta.dirname, 'configs/quick.ts')

/** Accepts every connection, and never says a word. */
const sockets = new Set<Socket>()
const silence = createServer((socket) => sockets.add(socket.on('error', () => {}))).listen(0, '127.0.0.1')
await once(silence, 'listening')
after(() => {
  for (const socket of sockets) socket.destroy()
  silence.close()
})
const DATABASE_URL = `postgres://nobody@127.0.0.1:${(silence.address() as AddressInfo).port}/none`

const WORKER = ['worker', '--workflows', config]

// At once, because each waits for ten seconds.
describe('a database that accepts connections and never answers', { concurrency: true }, () => {
  for (const args of [['list'], ['migrate'], ['doctor'], WORKER])
    test(`is given up by ${args[0]}, and is said not to answer`, async () => {
      await using command = startProcess(main, args, { env: { DATABASE_URL } })
      assert.equal(await command.ended, 1)
      assert.match(command.output(), /does not answer: .*timeout.*\s+Is DATABASE_URL right, and does it run\?/)
    })
})

test('a worker that waits for its database ends when it is told to', async () => {
  const asked = once(silence, 'connection')
  await using worker = startProcess(main, WORKER, { env: { DATABASE_URL } })
  await asked
  worker.child.kill('SIGTERM')
  assert.equal(await worker.ended, 0)
  assert.equal(worker.output(), '')
})

test('who watches a run of a database that does not answer leaves at the first Ctrl-C', {
  timeout: 30_000,
}, async () => {
  const asked = once(silence, 'connection')
  await using watcher = startProcess(main, ['watch', randomUUID()], { env: { DATABASE_URL } })
  await asked
  const toldAt = performance.now()
  watcher.child.kill('SIGINT')
  assert.equal(await watcher.ended, 130)
  assert(performance.now() - toldAt < 5_000)
})
