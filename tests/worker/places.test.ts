import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startRun } from '../../db/runs.ts'
import { registerWorkflows } from '../../worker/register.ts'
import { startWorker } from '../../worker/start.ts'
import { workflow } from '../../worker/workflow.ts'
import { useDatabase } from '../support/fixture.ts'
import { size } from '../support/size.ts'
import { finished, waitForRow } from '../support/wait.ts'

const db = await useDatabase()

const start = (workflow: string, input: unknown = {}, tenant = 'default', priority = 0) =>
  startRun(db.pool, { tenant, actor: 'test', workflow, input, priority })

/** Handlers that are inside, and how to let one go. */
class Gate {
  readonly inside = new Map<string, () => void>()
  most = 0
  readonly entered: string[] = []
  readonly #free = new Set<string>()

  async enter(name: string): Promise<void> {
    this.entered.push(name)
    if (this.#free.has(name)) return
    await new Promise<void>((resolve) => {
      this.inside.set(name, resolve)
      this.most = Math.max(this.most, this.inside.size)
    })
  }

  leave(): void {
    const [first] = this.inside
    if (!first) return
    this.inside.delete(first[0])
    first[1]()
  }

  /** Also who is not inside yet: a run is running before its handler is called. */
  letGo(name: string): void {
    this.#free.add(name)
    this.inside.get(name)?.()
  }
}

const admitted = (count: number, workflow: string) =>
  waitForRow(
    db.url,
    `select
     from stepcast.runs
     where workflow = $2
     having count(*) filter (where admission = 'admitted' and status = 'running') = $1
       and count(*) filter (where admission = 'queued') = 0`,
    [count, workflow],
  )

test('no more runs of a key than its limit run at once, the others wait without a job, and another key is not held up', async () => {
  const gate = new Gate()
  const limited = workflow('limited', { concurrency: { limit: 2, key: '{customer}' } }).step('work', ({ run }) =>
    gate.enter(run.id),
  )
  const free = workflow('free').step('work', () => 'not held up')
  await using _ = await startWorker({ workflows: [limited, free], databaseUrl: db.url, concurrency: 5 })
  const many = await Promise.all(Array.from({ length: 12 }, () => start('limited', { customer: 'big' })))
  await admitted(2, 'limited')
  assert.equal((await finished(db.url, (await start('free')).id)).output, 'not held up')
  const other = await start('limited', { customer: 'small' })
  await waitForRow(db.url, "select from stepcast.runs where id = $1 and status = 'running'", [other.id])
  assert.equal(
    await db.value(
      "select count(*)::integer from graphile_worker.jobs where key in (select id::text from stepcast.runs where workflow = 'limited' and admission = 'parked')",
    ),
    0,
    'who waits has no job',
  )
  const ids = [...many, other].map(({ id }) => id)
  const all = Promise.all(ids.map((id) => finished(db.url, id)))
  const letting = setInterval(() => gate.leave(), 5)
  for (const run of await all) assert.equal(run.status, 'completed')
  clearInterval(letting)
  assert.ok(gate.most <= 3, `${gate.most} at once: two of one key and one of the other`)
})

test('a lower priority number goes first among those that wait, then who came first', async () => {
  const gate = new Gate()
  const ordered = workflow('ordered', { concurrency: { limit: 1 } }).step('work', ({ run }) => gate.enter(run.id))
  await using _ = await startWorker({ workflows: [ordered], databaseUrl: db.url })
  const first = await start('ordered')
  await admitted(1, 'ordered')
  const second = await start('ordered')
  const third = await start('ordered')
  const urgent = await start('ordered', {}, 'default', -5)
  await admitted(1, 'ordered')
  const ids = [first, urgent, second, third].map(({ id }) => id)
  const letting = setInterval(() => gate.leave(), 20)
  for (const id of ids) await finished(db.url, id)
  clearInterval(letting)
  assert.deepEqual(gate.entered, ids)
})

test('each tenant has places of its own', async () => {
  const gate = new Gate()
  const shared = workflow('shared', { concurrency: { limit: 1 } }).step('work', ({ run }) => gate.enter(run.id))
  await using _ = await startWorker({ workflows: [shared], databaseUrl: db.url })
  const runs = [await start('shared', {}, 'a'), await start('shared', {}, 'b')]
  for (const { id } of runs)
    await waitForRow(db.url, "select from stepcast.runs where id = $1 and status = 'running'", [id])
  for (const { id } of runs) gate.letGo(id)
  for (const { id } of runs) await finished(db.url, id)
})

for (const [what, sql] of [
  ['cancelled', 'select stepcast.cancel_run($1)'],
  ['deleted', 'delete from stepcast.runs where id = $1'],
] as const) {
  test(`the place of a ${what} run goes to the next`, async () => {
    const name = `place_of_${what}`
    const hanging = workflow(name, { concurrency: { limit: 1 } }).step(
      'work',
      (ctx) =>
        new Promise<void>((resolve, reject) => {
          if ((ctx.input as { ends?: boolean }).ends) resolve()
          ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason))
        }),
    )
    await using _ = await startWorker({ workflows: [hanging], databaseUrl: db.url })
    const first = await start(name)
    await admitted(1, name)
    const second = await start(name, { ends: true })
    await waitForRow(db.url, "select from stepcast.runs where id = $1 and admission = 'parked'", [second.id])
    await db.rows(sql, [first.id])
    assert.equal((await finished(db.url, second.id)).status, 'completed')
  })
}

test('six that ask for one place at the same moment get it once', async () => {
  const single = workflow('single', { concurrency: { limit: 1 } }).step('work', () => {})
  await registerWorkflows(db.pool, [single])
  const clients = await Promise.all(Array.from({ length: 6 }, () => db.pool.connect()))
  for (let round = 0; round < size(30, 500); round++) {
    const runs = await Promise.all(clients.map(() => start('single')))
    await Promise.all(clients.map((client, i) => client.query('select stepcast.admit_run($1)', [runs[i]?.id])))
    const admitted = "select count(*)::integer from stepcast.runs where workflow = 'single' and admission = 'admitted'"
    assert.ok((await db.value<number>(admitted)) <= 1)
    await db.rows("delete from stepcast.runs where workflow = 'single'")
  }
  for (const client of clients) client.release()
})

test('an operator’s open transaction that ends a run of a slot holds up no other run of it', async () => {
  const gate = new Gate()
  const busy = workflow('busy', { concurrency: { limit: 2 } }).step('work', ({ run }) => gate.enter(run.id))
  await using _ = await startWorker({ workflows: [busy], databaseUrl: db.url })
  const [first, second] = [await start('busy'), await start('busy')]
  await admitted(2, 'busy')
  const third = await start('busy')
  await waitForRow(db.url, "select from stepcast.runs where id = $1 and admission = 'parked'", [third.id])
  const psql = await db.pool.connect()
  await psql.query('begin')
  await psql.query('select stepcast.cancel_run($1)', [first.id])
  gate.letGo(second.id)
  assert.equal((await finished(db.url, second.id)).status, 'completed')
  await psql.query('commit')
  psql.release()
  await waitForRow(db.url, "select from stepcast.runs where id = $1 and status = 'running'", [third.id])
  gate.letGo(third.id)
  await finished(db.url, third.id)
})
