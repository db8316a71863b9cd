import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KEPT_LINES, NOTHING_KNOWN, type RunEvent, type RunState, reduce } from '../../client/reducer.ts'
import type { Run, Step } from '../../db/contract.ts'
import { aStep, endEvent, logEvent, patchEvent, RUN, snapshotEvent } from './samples.ts'

const play = (...events: RunEvent[]): RunState => events.reduce(reduce, NOTHING_KNOWN)

test('a patch before any snapshot changes nothing', () => {
  assert.equal(reduce(NOTHING_KNOWN, patchEvent({ revision: 5, progress: 50 })), NOTHING_KNOWN)
})

test('a patch that is not newer is dropped, and the state stays the same object', () => {
  const state = play(snapshotEvent({ revision: 5, progress: 50 }))
  assert.equal(reduce(state, patchEvent({ revision: 5, progress: 10 })), state)
  assert.equal(reduce(state, patchEvent({ revision: 4, progress: 10 })), state)
})

test('a patch changes only the columns and steps it carries', () => {
  const state = play(
    snapshotEvent({ revision: 1, progress: 10 }, [aStep({ id: 1 }), aStep({ id: 2, sequence: 2 })]),
    patchEvent({ revision: 2, progress: 40 }, [aStep({ id: 2, sequence: 2, status: 'running' })]),
  )
  assert.equal(state.run?.progress, 40)
  assert.equal(state.run?.displayName, 'Setting up “aurora-web”')
  assert.deepEqual(
    state.steps.map(({ id, status }) => [id, status]),
    [
      [1, 'pending'],
      [2, 'running'],
    ],
  )
})

test('a step that a patch brings for the first time is added', () => {
  const state = play(snapshotEvent({ revision: 1 }), patchEvent({ revision: 2 }, [aStep({ id: 9, parentId: 1 })]))
  assert.deepEqual(
    state.steps.map(({ id }) => id),
    [1, 9],
  )
})

test('an older snapshot of the same epoch is dropped, one of another epoch always wins', () => {
  const known = play(snapshotEvent({ revision: 50, progress: 80 }))
  assert.equal(reduce(known, snapshotEvent({ revision: 49, progress: 70 })), known)
  const after = reduce(known, snapshotEvent({ revision: 3, progress: 20 }, [], 'e2'))
  assert.deepEqual([after.run?.revision, after.run?.progress, after.epoch], [3, 20, 'e2'])
})

test('a patch of another epoch than the snapshot is dropped', () => {
  const state = play(snapshotEvent({ revision: 5 }))
  assert.equal(reduce(state, patchEvent({ revision: 9, progress: 90 }, [], 'e2')), state)
})

test('a snapshot after a retry lowers the progress', () => {
  const failed = play(snapshotEvent({ revision: 8, progress: 70, status: 'failed' }), endEvent(8, 'failed'))
  const state = reduce(failed, snapshotEvent({ revision: 9, progress: 30, status: 'running' }))
  assert.deepEqual([state.run?.progress, state.ended], [30, null])
})

test('a polled snapshot wins over what is known and keeps its log', () => {
  const known = play(snapshotEvent({ revision: 9 }), logEvent([1, 2]))
  const state = reduce(known, snapshotEvent({ revision: 7, progress: 12 }, [], null))
  assert.deepEqual([state.run?.revision, state.epoch, state.logs.length], [7, 'e1', 2])
})

test('under a key the newer run takes the place of the older, never the other way round', () => {
  const newer = { id: '01900000-0000-7000-8000-000000000002', createdAt: '2026-11-22T11:00:00.000Z', revision: 1 }
  const state = play(snapshotEvent({ revision: 40 }), logEvent([1]), snapshotEvent(newer))
  assert.deepEqual([state.run?.id, state.logs.length], [newer.id, 0])
  assert.equal(reduce(state, snapshotEvent({ revision: 41 })), state)
})

test('under a key the older run is shown again once the newer one was deleted', () => {
  const newer = { id: '01900000-0000-7000-8000-000000000002', createdAt: '2026-11-22T11:00:00.000Z', revision: 1 }
  const deleted = play(snapshotEvent(newer), {
    ...endEvent(1, 'deleted'),
    data: { run: { id: newer.id, revision: 1, status: null }, reason: 'deleted' },
  } as RunEvent)
  assert.equal(deleted.ended, 'deleted')
  const state = reduce(deleted, snapshotEvent({ revision: 40 }))
  assert.deepEqual([state.run?.id, state.ended], [RUN, null])
})

test('log lines that come again are dropped by their number', () => {
  const state = play(snapshotEvent(), logEvent([1, 2, 3]), logEvent([2, 3, 4]), logEvent([1]))
  assert.deepEqual(
    state.logs.map(({ line }) => line),
    [1, 2, 3, 4],
  )
  assert.equal(reduce(state, logEvent([3, 4])), state)
})

test('lines that come late find their place', () => {
  const state = play(snapshotEvent(), logEvent([5, 6]), logEvent([3, 4, 5]))
  assert.deepEqual(
    state.logs.map(({ line }) => line),
    [3, 4, 5, 6],
  )
})

test('of the log the last lines are kept', () => {
  const lines = Array.from({ length: KEPT_LINES + 10 }, (_, index) => index + 1)
  const { logs } = play(snapshotEvent(), logEvent(lines))
  assert.deepEqual([logs.length, logs[0]?.line], [KEPT_LINES, 11])
})

test('the log of an epoch that was lost is not mixed with the new one', () => {
  const state = play(snapshotEvent(), logEvent([1, 2, 3]), snapshotEvent({ revision: 1 }, [], 'e2'))
  assert.deepEqual(state.logs, [])
})

test('the end told again after a reconnect is no news', () => {
  const over = { revision: 9, status: 'completed', completedAt: '2026-11-22T10:01:00.000Z' } as const
  const state = play(snapshotEvent(over), endEvent(9))
  assert.equal(state.ended, 'completed')
  const again = [snapshotEvent(over), endEvent(9)].reduce(reduce, state)
  assert.equal(again.ended, 'completed')
  assert.equal(reduce(state, snapshotEvent(over)).ended, 'completed')
})

test('an end from before a retry is dropped, a deletion never', () => {
  const state = play(snapshotEvent({ revision: 12 }))
  assert.equal(reduce(state, endEvent(11, 'failed')), state)
  assert.equal(reduce(state, endEvent(11, 'deleted')).ended, 'deleted')
})

/** What the database goes through: each revision changes the progress and one step. */
interface History {
  runs: Run[]
  steps: Step[][]
}

function history(changed: number[]): History {
  const first = snapshotEvent(
    { revision: 1 },
    [1, 2, 3].map((id) => aStep({ id, sequence: id })),
  )
  const { run, steps } = play(first)
  const past: History = { runs: run ? [run] : [], steps: [[...steps]] }
  for (const id of changed) {
    const revision = past.runs.length + 1
    const before = past.steps.at(-1) ?? []
    past.steps.push(before.map((step) => (step.id === id ? { ...step, progress: revision % 101, revision } : step)))
    past.runs.push({ ...(past.runs.at(-1) as Run), revision, progress: Math.min(99, revision) })
  }
  return past
}

/** What a server sends to a watcher that knows one revision when the row is at another. */
function patchBetween({ runs, steps }: History, from: number, to: number): RunEvent {
  const changed = (steps[to - 1] ?? []).filter(({ revision }) => revision > from)
  return patchEvent({ revision: to, progress: runs[to - 1]?.progress ?? 0 }, changed)
}

const byId = (a: Step, b: Step) => a.id - b.id
const picture = (state: RunState) => ({ run: state.run, steps: [...state.steps].sort(byId) })

test('patches since a snapshot, in any order and any number of times, end equal to the row', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 30 }),
      fc.array(fc.nat(), { maxLength: 60 }),
      (changed, order) => {
        const past = history(changed)
        const last = past.runs.length
        const start = snapshotEvent({ revision: 1 }, past.steps[0])
        const shuffled = [...order.map((seed) => 1 + (seed % last)), last].map((to) => patchBetween(past, 1, to))
        for (const events of [shuffled, [...shuffled].reverse()]) {
          const state = play(start, ...events)
          assert.deepEqual(picture(state), { run: past.runs.at(-1), steps: [...(past.steps.at(-1) ?? [])].sort(byId) })
        }
      },
    ),
  )
})

test('two streams that overlap, each in its own order, end equal to the row', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 30 }),
      fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 4 })), { maxLength: 60 }),
      (changed, turns) => {
        const past = history(changed)
        const last = past.runs.length
        const at = [1, 1]
        let state = play(snapshotEvent({ revision: 1 }, past.steps[0]))
        const send = (stream: number, by: number) => {
          const from = at[stream] ?? 1
          const to = Math.min(last, from + by)
          at[stream] = to
          if (to > from) state = reduce(state, patchBetween(past, from, to))
        }
        for (const [second, by] of turns) send(second ? 1 : 0, by)
        send(0, last)
        send(1, last)
        assert.deepEqual(picture(state), { run: past.runs.at(-1), steps: [...(past.steps.at(-1) ?? [])].sort(byId) })
      },
    ),
  )
})

test('the events of another run change nothing', () => {
  const state = play(snapshotEvent({ revision: 3 }))
  const other = patchEvent({ revision: 9, progress: 90 })
  assert.equal(
    reduce(state, { ...other, data: { ...other.data, run: { id: `${RUN}x`, revision: 9 } } } as RunEvent),
    state,
  )
})
