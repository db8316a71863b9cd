import assert from 'node:assert/strict'
import { after, afterEach, beforeEach, mock, test } from 'node:test'
import pg from 'pg'
import { silent } from '../../db/logger.ts'
import { startRun } from '../../db/runs.ts'
import { registerWorker } from '../../db/workers.ts'
import { Flusher } from '../../worker/flusher.ts'
import { noMeter } from '../../worker/meter.ts'
import { registerWorkflows } from '../../worker/register.ts'
import { workflow } from '../../worker/workflow.ts'
import { claim } from '../db/claim.ts'
import { useDatabase } from '../support/fixture.ts'

const LONGEST_PAUSE_MS = 5

const db = await useDatabase()
const session = new pg.Client(db.url)
session.on('error', () => {})
await session.connect()
after(() => session.end())
await registerWorkflows(session, [workflow('ticking').step('work', () => {})])
const worker = await registerWorker(session, 'ticking', 'stepcast test ticking')
const { id } = await startRun(session, { tenant: 'default', actor: 'test', workflow: 'ticking', input: {} })
const { run, lease, step } = await claim(session, id, worker)

const owner = { fence: () => assert.fail('fenced') }
let progress = 0
let flusher: Flusher
/** How many reports and lines each flush had. */
let flushes: number[]
let flushed: PromiseWithResolvers<void>

const report = () =>
  flusher.report(owner, {
    run,
    lease,
    step: step.id,
    progress: ++progress,
    message: null,
    messages: null,
    metadata: null,
  })
const log = (message: string) =>
  flusher.log(owner, { run, lease, step: step.id, at: new Date(), level: 'info', message })
const written = async () => {
  const { rows } = await session.query('select progress from stepcast.steps where id = $1', [step.id])
  return rows[0].progress
}

/** Nothing pauses for real: only what the test lets pass passes. */
beforeEach(async () => {
  flushes = []
  flushed = Promise.withResolvers<void>()
  const meter = {
    ...noMeter,
    flushed(reports: number, lines: number) {
      flushes.push(reports + lines)
      flushed.resolve()
      flushed = Promise.withResolvers<void>()
    },
  }
  mock.timers.enable({ apis: ['setTimeout'] })
  flusher = new Flusher(session, silent, meter)
  report()
  await flushed.promise
})

afterEach(async () => {
  await flusher.stop()
  mock.timers.reset()
})

test('what is reported shortly after a flush is written together, a moment later', async () => {
  const next = flushed.promise
  report()
  log('one')
  // By now everything that was begun at once would have been sent before this.
  assert.equal(await written(), progress - 1)
  report()
  mock.timers.tick(LONGEST_PAUSE_MS)
  await next
  assert.equal(await written(), progress)
  assert.deepEqual(flushes, [1, 2])
})

test('after a while without reports the next is written at once', async () => {
  mock.timers.tick(LONGEST_PAUSE_MS)
  const next = flushed.promise
  report()
  await next
  assert.equal(await written(), progress)
})

test('the end of a step waits for its reports, and not for a pause', async () => {
  report()
  await flusher.settle(step.id, { signal: new AbortController().signal, transactions: new Set() }, silent)
  assert.equal(await written(), progress)
})

test('so much that a flush is worth it waits for no pause', async () => {
  mock.timers.tick(LONGEST_PAUSE_MS)
  const first = flushed.promise
  report()
  await Promise.resolve()
  for (let n = 0; n < 100; n++) log(`${n}`)
  await first
  await flushed.promise
  assert.deepEqual(flushes, [1, 1, 100])
})
