import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Lists } from '../../client/lists.ts'
import { concernsLists, type RowEvent } from '../../client/row-events.ts'
import { NO_ROWS, newestOf, type RowsState, reduceRows } from '../../client/rows.ts'
import type { ListFilter, RunStatus } from '../../db/contract.ts'
import { endEvent, leaveEvent, logEvent, patchEvent, rowEvent, rowId, rowPatchEvent, snapshotEvent } from './samples.ts'

const play = (...events: RowEvent[]): RowsState => events.reduce(reduceRows, NO_ROWS)
const ids = (rows: RowsState, filter: ListFilter = {}) => newestOf(rows, filter).map(({ id }) => id)

test('the newest run comes first, whatever order they come in', () => {
  assert.deepEqual(ids(play(rowEvent(2), rowEvent(3), rowEvent(1))), [3, 2, 1].map(rowId))
})

test('a patch changes only what it carries, and only when it is newer', () => {
  const rows = play(rowEvent(1, { revision: 3, progress: 10 }), rowPatchEvent(1, { revision: 5, progress: 40 }))
  const [run] = newestOf(rows, {})
  assert.deepEqual([run?.progress, run?.displayName], [40, 'Setting up “aurora-web”'])
  assert.equal(reduceRows(rows, rowPatchEvent(1, { revision: 4, progress: 20 })), rows)
  assert.equal(reduceRows(rows, rowPatchEvent(2, { revision: 9 })), rows)
  assert.equal(reduceRows(rows, rowPatchEvent(1, { revision: 9 }, 'e2')), rows)
  assert.equal(reduceRows(rows, rowEvent(1, { revision: 4 })), rows)
})

test('a snapshot of another epoch replaces what is known, though its revision is lower', () => {
  const rows = play(rowEvent(1, { revision: 9 }), rowEvent(1, { revision: 2, progress: 7 }, 'e2'))
  assert.equal(newestOf(rows, {})[0]?.progress, 7)
})

test('what has left or was deleted is shown no more', () => {
  const rows = play(rowEvent(1), rowEvent(2), rowEvent(3), leaveEvent(1), leaveEvent(2, 'deleted'))
  assert.deepEqual(ids(rows), [rowId(3)])
  assert.equal(reduceRows(rows, leaveEvent(1)), rows)
})

test('a list shows what its filter lets through, and no more than its limit', () => {
  const rows = play(
    rowEvent(1, { status: 'failed' }),
    rowEvent(2, { workflow: 'other', status: 'running' }),
    rowEvent(3, { status: 'running' }),
  )
  assert.deepEqual(ids(rows, { status: 'running' }), [rowId(3), rowId(2)])
  assert.deepEqual(ids(rows, { workflow: 'project_init' }), [rowId(3), rowId(1)])
  assert.deepEqual(ids(rows, { workflow: 'project_init', status: 'running' }), [rowId(3)])
  assert.deepEqual(ids(rows, { limit: 1 }), [rowId(3)])
  const many = play(...Array.from({ length: 60 }, (_, index) => rowEvent(index)))
  assert.equal(ids(many).length, 50)
})

test('a run that is watched by itself, and a list, know which events are theirs', () => {
  const ofLists = [rowEvent(1), rowPatchEvent(1, { revision: 2 }), leaveEvent(1), leaveEvent(1, 'deleted')]
  const ofRuns = [snapshotEvent(), patchEvent({ revision: 2 }), logEvent([1]), endEvent(3)]
  assert.deepEqual(ofLists.map(concernsLists), [true, true, true, true])
  assert.deepEqual(ofRuns.map(concernsLists), [false, false, false, false])
})

test('a new connection takes away what it has not brought, and nothing before it is ready', () => {
  const lists = new Lists()
  const watch = lists.of({})
  const shown = () => watch.runs.map(({ id }) => id)
  const first = lists.begin()
  for (const number of [1, 2, 3]) first.apply(rowEvent(number, { revision: number }))
  first.ready()
  const second = lists.begin()
  second.apply(rowEvent(3, { revision: 3 }))
  first.apply(rowPatchEvent(3, { revision: 8, progress: 80 }))
  second.apply(rowEvent(4))
  assert.deepEqual(shown(), [4, 3, 2, 1].map(rowId))
  second.ready()
  assert.deepEqual(shown(), [4, 3].map(rowId))
  assert.equal(watch.runs[1]?.progress, 80)
})

test('a list tells its listeners of its own changes alone', () => {
  const lists = new Lists()
  let told = 0
  lists.of({ status: 'failed' }).listeners.set(() => told++, { logs: false })
  const connection = lists.begin()
  connection.apply(rowEvent(1, { status: 'running', revision: 1 }))
  assert.equal(told, 0)
  connection.apply(rowPatchEvent(1, { status: 'failed', revision: 2 }))
  assert.equal(told, 1)
})

test('a polled list takes the place of what that list showed, and of nothing else', () => {
  const lists = new Lists()
  const [failed, running] = [lists.of({ status: 'failed' }), lists.of({ status: 'running' })]
  const connection = lists.begin()
  connection.apply(rowEvent(1, { status: 'failed' }))
  connection.apply(rowEvent(2, { status: 'running' }))
  const polled = play(rowEvent(3, { status: 'failed' }))
  lists.replace({ status: 'failed' }, newestOf(polled, {}))
  assert.deepEqual([failed.runs.map(({ id }) => id), running.runs.map(({ id }) => id)], [[rowId(3)], [rowId(2)]])
})

/** What happens to runs: one is created, or an older one changes its status or is deleted. */
const happening = fc.record({ run: fc.nat(11), status: fc.constantFrom<RunStatus | null>('running', 'failed', null) })

test('two connections that overlap, one late by any number of events, end at what the second one holds', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 40 }), fc.nat(40), fc.nat(40), (past, from, late) => {
      const lists = new Lists()
      const watch = lists.of({ status: 'running' })
      const rows = new Map<number, { status: RunStatus; revision: number }>()
      const first = lists.begin()
      first.ready()
      let second: ReturnType<Lists['begin']> | null = null
      const behind: RowEvent[] = []
      past.forEach(({ run, status }, index) => {
        if (index === from) {
          second = lists.begin()
          for (const [number, row] of rows) second.apply(rowEvent(number, row))
        }
        const known = rows.get(run)
        const revision = (known?.revision ?? 0) + 1
        if (status === null) rows.delete(run)
        else rows.set(run, { status, revision })
        const event =
          status === null
            ? leaveEvent(run, 'deleted')
            : known
              ? rowPatchEvent(run, { status, revision })
              : rowEvent(run, { status, revision })
        behind.push(event)
        if (behind.length > late) first.apply(behind.shift() as RowEvent)
        second?.apply(event)
      })
      second ??= lists.begin()
      if (from >= past.length) for (const [number, row] of rows) second.apply(rowEvent(number, row))
      for (const event of behind) first.apply(event)
      second.ready()
      const running = [...rows].filter(([, { status }]) => status === 'running').map(([number]) => rowId(number))
      assert.deepEqual(
        watch.runs.map(({ id }) => id),
        running.sort().reverse(),
      )
    }),
  )
})
