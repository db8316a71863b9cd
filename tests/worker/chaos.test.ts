import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startRun } from '../../db/runs.ts'
import { useDatabase } from '../support/fixture.ts'
import { size } from '../support/size.ts'
import { finished, pollForRow } from '../support/wait.ts'
import { chaotic, EFFECTS } from './chaotic.ts'
import { Fleet } from './fleet.ts'
import { LEDGER } from './ledger.ts'

const db = await useDatabase()
await db.rows(LEDGER)

const KILLS = size(3, 200)
const RUNS_A_KILL = 4

test('workers are killed at random over mixed workflows: every run ends as it must, each effect once', async () => {
  const fleet = new Fleet(db.url)
  after(() => fleet.end())
  await fleet.grow(2)
  const runs: { id: string; workflow: string }[] = []
  for (let kill = 0; kill < KILLS; kill++) {
    for (let i = 0; i < RUNS_A_KILL; i++) {
      const { name } = chaotic[(kill + i) % chaotic.length]?.definition ?? { name: '' }
      const { id } = await startRun(db.pool, { tenant: 'default', actor: 'test', workflow: name, input: {} })
      runs.push({ id, workflow: name })
    }
    await sleep(200 + Math.random() * 600)
    fleet.killOne()
  }
  for (const { id, workflow } of runs) {
    const { status, error } = await finished(db.url, id)
    assert.deepEqual([status, error], ['completed', null], `${workflow} ${id}`)
  }
  // An end that was owed is paid, and Graphile has forgotten all of them.
  await pollForRow(db.url, 'select where not exists (select from graphile_worker.jobs where task_identifier <> $1)', [
    'x',
  ])
  for (const { id, workflow } of runs) {
    const rows = await db.rows<{ effect: string }>('select effect from ledger where run = $1 order by effect', [id])
    assert.deepEqual(
      rows.map(({ effect }) => effect),
      EFFECTS[workflow]?.toSorted(),
      `${workflow} ${id}`,
    )
  }
  const left = await db.rows(
    `select s.id
     from stepcast.steps s
     where s.status not in ('completed', 'skipped')
        or (select count(*) from stepcast.attempts a where a.step_id = s.id and a.status = 'completed') > 1`,
  )
  assert.deepEqual(left, [])
})
