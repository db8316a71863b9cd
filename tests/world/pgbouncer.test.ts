import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import pg from 'pg'
import { silent } from '../../db/logger.ts'
import { startServer } from '../../server/start.ts'
import { startWorker } from '../../worker/start.ts'
import { workflow } from '../../worker/workflow.ts'
import { post } from '../server/bench.ts'
import { TestStream } from '../server/stream.ts'
import { useDatabase } from '../support/fixture.ts'
import { startPgBouncer } from '../support/pgbouncer.ts'
import { finished } from '../support/wait.ts'

const NEVER_MS = 3_600_000

const db = await useDatabase()
await db.rows('create table effects (run uuid, effect text)')
// So few that every connection of ours soon meets every backend.
const pooler = await startPgBouncer(db.url, { default_pool_size: 4 })
after(() => pooler[Symbol.asyncDispose]())
const pooled = pooler.through(db.url)

const write = 'insert into effects values ($1, $2)'

const shipping = workflow('shipping')
  .step('pack', async (ctx) => {
    for (const box of ['a', 'b']) {
      await ctx.substep(box, async (sub) => {
        await sub.tx.query(write, [ctx.run.id, box])
        sub.report(50, `Box ${box}`)
        sub.log(`packed ${box}`)
      })
    }
  })
  .step('send', async (ctx) => {
    await ctx.tx.query(write, [ctx.run.id, 'sent'])
  })
  .onEnd(async ({ tx, run }) => {
    await tx.query(write, [run.id, 'end'])
  })

const endless = workflow('endless').step('wait', { timeout: 200 }, async (ctx) => {
  await ctx.tx.query(write, [ctx.run.id, 'never'])
  // Heeds no signal: its transaction is abandoned, which ends its backend.
  await ctx.tx.query('select pg_sleep(60)')
})

// At once: most of them wait.
describe('PgBouncer', { concurrency: true }, () => {
  test('server and worker work through PgBouncer in transaction mode; only LISTEN and the worker’s life go past it', async () => {
    await using server = await startServer({ databaseUrl: pooled, listenUrl: db.url, port: 0, pollMs: NEVER_MS })
    await using _ = await startWorker({ workflows: [shipping, endless], databaseUrl: pooled, listenUrl: db.url })
    const runs = await Promise.all(
      Array.from({ length: 8 }, async () => (await post(`${server.url}/runs`, { workflow: 'shipping' })).body.run.id),
    )
    using stream = await (
      await TestStream.ofMany(
        server.url,
        runs.map((run) => ({ run })),
        '?logs=1',
      )
    ).ready()
    for (const run of runs) {
      await stream.event(({ name, data }) => name === 'end' && data.run.id === run)
      const { run: row } = stream.state(run)
      assert.equal(row?.status, 'completed', row?.error ?? '')
    }
    const effects = await db.rows('select from effects group by run having array_agg(effect order by effect) = $1', [
      ['a', 'b', 'end', 'sent'],
    ])
    assert.equal(effects.length, runs.length)
    assert.match(
      await db.value<string>(
        "select string_agg(distinct actor, ' ') from stepcast.journal where action = 'status' and run_id = any ($1)",
        [runs],
      ),
      /^worker \S+:\d+$/,
    )
    // Whoever shares its backends finds nothing of it there.
    const client = new pg.Client(pooled)
    await client.connect()
    const { rows } = await client.query(
      `select coalesce(current_setting('stepcast.actor', true), '') as actor, current_setting('statement_timeout') as timeout,
         array(select statement from pg_prepared_statements) as prepared`,
    )
    await client.end()
    assert.deepEqual(rows, [{ actor: '', timeout: '0', prepared: [] }])
  })

  test('a transaction that is abandoned is ended on its backend', async () => {
    await using _ = await startWorker({ workflows: [shipping, endless], databaseUrl: pooled, listenUrl: db.url })
    const id = await db.value<string>("select stepcast.start_run('endless')")
    assert.equal((await finished(db.url, id)).status, 'failed')
    assert.equal(
      await db.value(
        "select count(*)::integer from pg_stat_activity where query like '%pg_sleep(60)' and state = 'active'",
      ),
      0,
    )
    assert.equal(await db.value('select count(*)::integer from effects where run = $1', [id]), 0)
  })

  test('a worker whose own connection leads through PgBouncer refuses, and names the setting', async () => {
    for (const listenUrl of [undefined, `${pooled}?application_name=x`]) {
      const starting = startWorker({ workflows: [shipping], databaseUrl: pooled, listenUrl })
      await assert.rejects(starting, /pooler in transaction mode.*listenUrl \(STEPCAST_LISTEN_URL\)/)
    }
  })

  test('a server whose LISTEN leads through PgBouncer says so, and names the setting', async () => {
    for (const databaseUrl of [pooled, db.url]) {
      const { promise: complaint, resolve } = Promise.withResolvers<string>()
      const logger = { ...silent, error: (_: object, message: string) => resolve(message) }
      await using _ = await startServer({ databaseUrl, listenUrl: pooled, port: 0, logger })
      assert.match(await complaint, /pooler in transaction mode.*STEPCAST_LISTEN_URL/)
    }
  })

  test('a server hears what is announced through PgBouncer in session mode', async () => {
    await using session = await startPgBouncer(db.url, { pool_mode: 'session' })
    const listenUrl = session.through(db.url)
    await using server = await startServer({ databaseUrl: db.url, listenUrl, port: 0, pollMs: NEVER_MS })
    const id = await db.value<string>(`select stepcast.open_run('import', '["load"]')`)
    using stream = await (await TestStream.ofMany(server.url, [{ run: id }])).ready()
    await db.rows("select stepcast.begin_step($1, 'load')", [id])
    await stream.until(() => stream.state(id).steps[0]?.status === 'running')
  })
})
