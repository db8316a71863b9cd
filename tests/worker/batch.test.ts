import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Batch, PORTIONS, portion, sizeOf } from '../../worker/batch.ts'

const owner = { fence: () => {} }
const at = new Date(0)
const report = (run: string, step: number) => ({
  owner,
  entry: { run, lease: 1, step, progress: 1, message: null, messages: null, metadata: null },
})
const line = (run: string, number: number) => ({
  owner,
  entry: { run, lease: 1, step: 1, at, level: 'info' as const, message: `${number}` },
})

const batches = fc
  .record({
    reports: fc.array(fc.nat(40), { minLength: 300, maxLength: 700 }),
    lines: fc.array(fc.nat(40), { maxLength: 700 }),
  })
  .map(
    ({ reports, lines }): Batch => ({
      reports: reports.map((run, step) => report(`run ${run}`, step)),
      lines: lines.map((run, number) => line(`run ${run}`, number)),
    }),
  )

test('a batch is written in few portions: each entry is in one, and all of a run in the same, in its order', () => {
  fc.assert(
    fc.property(batches, (batch) => {
      const portions = portion(batch)
      assert.ok(portions.length <= PORTIONS)
      const runs = portions.map(({ reports, lines }) => new Set([...reports, ...lines].map(({ entry }) => entry.run)))
      assert.equal(
        runs.reduce((sum, { size }) => sum + size, 0),
        new Set(runs.flatMap((set) => [...set])).size,
      )
      for (const kind of ['reports', 'lines'] as const) {
        const kept = portions.flatMap((part): object[] => part[kind])
        assert.equal(kept.length, batch[kind].length)
        for (const part of portions)
          assert.deepEqual(
            [...part[kind]],
            batch[kind].filter((entry) => part[kind].includes(entry as never)),
          )
      }
    }),
    { numRuns: 50 },
  )
})

test('a small batch is one statement', () => {
  const batch: Batch = { reports: Array.from({ length: 100 }, (_, step) => report(`run ${step}`, step)), lines: [] }
  assert.deepEqual(portion(batch), [batch])
  assert.equal(sizeOf(batch), 100)
})
