import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Logger } from '../../db/logger.ts'
import { startServer } from '../../server/start.ts'
import { startWorker } from '../../worker/start.ts'
import { workflow } from '../../worker/workflow.ts'
import { ask, post } from '../server/bench.ts'
import { TestStream } from '../server/stream.ts'
import { useDatabase } from '../support/fixture.ts'
import { useLogin } from '../support/login.ts'
import { startPgBouncer } from '../support/pgbouncer.ts'

const db = await useDatabase()
await db.rows('create table effects (run uuid, effect text)')
await db.rows('grant insert on effects to stepcast_worker')
const worker = await useLogin(db, 'stepcast_worker')
const server = await useLogin(db, 'stepcast_server')
const pooler = await startPgBouncer(db.url, { default_pool_size: 3 }, [worker.url, server.url])
after(() => pooler[Symbol.asyncDispose]())

/** Keeps what goes wrong. */
const complaints: string[] = []
const complain = ({ err }: { err?: Error }, message: string) => void complaints.push(`${message}: ${err?.message}`)
const logger: Logger = { debug: () => {}, info: () => {}, warn: complain, error: complain }

const write = 'insert into effects values ($1, $2)'
const shipping = workflow('shipping')
  .step('pack', async (ctx) => {
    for (const box of ['a', 'b'])
      await ctx.substep(box, async (sub) => {
        await sub.tx.query(write, [ctx.run.id, box])
        sub.report(50, `Box ${box}`)
        sub.log(`packed ${box}`)
      })
  })
  .step('send', { retry: { attempts: 2, delay: 1 } }, async (ctx) => {
    await ctx.tx.query(write, [ctx.run.id, 'sent'])
    if (ctx.attempt === 1) throw new Error('not yet')
  })
  .onEnd(async ({ tx, run }) => {
    await tx.query(write, [run.id, 'end'])
  })

test('a worker and a server with the least rights, behind a pooler in transaction mode, drive runs, show them and operate on them', async () => {
  const through = ({ url }: { url: string }) => ({ databaseUrl: pooler.through(url), listenUrl: url, logger })
  {
    await using running = await startServer({ ...through(server), port: 0 })
    await using _ = await startWorker({ workflows: [shipping], ...through(worker) })
    const started = await Promise.all(
      Array.from({ length: 6 }, () => post(`${running.url}/runs`, { workflow: 'shipping' })),
    )
    for (const { status, body } of started) {
      assert.equal(status, 201, JSON.stringify(body))
      using stream = await TestStream.open(`${running.url}/runs/${body.run.id}/events?logs=1`)
      await stream.closed()
      assert.equal(stream.state(body.run.id).run?.status, 'completed')
    }
    const [run] = started.map(({ body }) => body.run.id)
    for (const path of [
      '/runs',
      `/runs/${run}`,
      `/runs/${run}/logs`,
      `/runs/${run}/journal`,
      '/workflows',
      '/stats',
      '/metrics',
      '/readyz',
    ])
      assert.equal((await ask(running.url + path)).status, 200, path)
    assert.equal((await post(`${running.url}/runs/${run}/retry`, { from: 'send' })).status, 200)
    using again = await TestStream.open(`${running.url}/runs/${run}/events`)
    await again.closed()
    assert.equal((await ask(`${running.url}/runs/${run}`, { method: 'DELETE' })).status, 200)
  }
  const effects = await db.rows(
    "select from effects group by run having string_agg(effect, ' ' order by effect) = 'a b end sent'",
  )
  assert.equal(effects.length, 5)
  assert.deepEqual(complaints, [])
})
