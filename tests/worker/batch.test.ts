import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import fc from 'fast-check'
import { Backlog } from '../../worker/backlog.ts'
import { type Batch, sizeOf } from '../../worker/batch.ts'

const owner = { fence: () => {} }
const at = new Date(0)
const report = (run: string, step: number) => ({
  run,
  lease: 1,
  step,
  progress: 1,
  message: null,
  messages: null,
  metadata: null,
})
const line = (run: string, number: number) => ({
  run,
  lease: 1,
  step: 1,
  at,
  level: 'info' as const,
  message: `${number}`,
})

const runsOf = ({ reports, lines }: Batch) => new Set([...reports, ...lines].map(({ entry }) => entry.run))

const waiting = fc.record({
  reports: fc.array(fc.nat(300), { minLength: 300, maxLength: 700 }),
  lines: fc.array(fc.nat(300), { maxLength: 1_200 }),
  /** Which of those under way is done next. */
  order: fc.infiniteStream(fc.nat(3)),
})

test('of flushes at the same time each has runs of its own, and together they write everything once, lines in their order', () => {
  fc.assert(
    fc.property(waiting, ({ reports, lines, order }) => {
      const backlog = new Backlog()
      for (const [step, run] of reports.entries()) backlog.addReport(owner, report(`run ${run}`, step))
      for (const [number, run] of lines.entries()) backlog.addLine(owner, line(`run ${run}`, number))
      const underWay: Batch[] = []
      const written: Batch[] = []
      for (;;) {
        const batch = backlog.take(underWay.length === 0 ? 1 : 100)
        if (sizeOf(batch) > 0) {
          const busy = new Set(underWay.flatMap((other) => [...runsOf(other)]))
          assert.ok([...runsOf(batch)].every((run) => !busy.has(run)))
          underWay.push(batch)
        }
        if (sizeOf(batch) > 0 && underWay.length < 4) continue
        const [done] = underWay.splice((order.next().value ?? 0) % underWay.length, 1)
        if (!done) break
        backlog.done(done)
        written.push(done)
      }
      const steps = written.flatMap((batch) => batch.reports.map(({ entry }) => entry.step))
      assert.deepEqual(
        steps.toSorted((a, b) => a - b),
        reports.map((_, step) => step),
      )
      const said = Map.groupBy(
        written.flatMap((batch) => batch.lines.map(({ entry }) => entry)),
        ({ run }) => run,
      )
      const meant = Map.groupBy(lines.keys(), (number) => `run ${lines[number]}`)
      assert.deepEqual(
        new Map([...said].map(([run, entries]) => [run, entries.map(({ message }) => Number(message))])),
        new Map([...said.keys()].map((run) => [run, meant.get(run)])),
      )
      assert.equal(said.size, meant.size)
    }),
    { numRuns: 50 },
  )
})

test('less than is asked for is left where it is', () => {
  const backlog = new Backlog()
  for (let step = 0; step < 99; step++) backlog.addReport(owner, report(`run ${step}`, step))
  assert.equal(sizeOf(backlog.take(100)), 0)
  assert.equal(sizeOf(backlog.take(1)), 99)
})

test('long texts go in flushes of half a megabyte, which only the last of each may exceed', () => {
  const backlog = new Backlog()
  for (let i = 0; i < 20; i++) {
    backlog.addLine(owner, { ...line('run', i), message: 'x'.repeat(100_000) })
    backlog.addReport(owner, {
      ...report('run', i),
      metadata: JSON.stringify({ all: 'x'.repeat(i === 6 ? 900_000 : 100_000) }),
    })
  }
  const sizes: number[][] = []
  for (let batch = backlog.take(1); sizeOf(batch) > 0; batch = backlog.take(1)) {
    sizes.push([batch.reports.length, batch.lines.length])
    backlog.done(batch)
  }
  assert.deepEqual(sizes, [
    [6, 6],
    [1, 6],
    [6, 6],
    [6, 2],
    [1, 0],
  ])
})

test('of a run wait 10,000 lines, or 32 Mi characters of them: then one says that lines are dropped, until some are written', () => {
  for (const [length, most] of [
    [1, 10_000],
    [16_384, 2_049],
  ] as const) {
    const backlog = new Backlog()
    const add = (run: string) => backlog.addLine(owner, { ...line(run, 0), message: 'x'.repeat(length) })
    const takeAll = () => {
      const lines: string[] = []
      for (let batch = backlog.take(1); sizeOf(batch) > 0; batch = backlog.take(1)) {
        lines.push(...batch.lines.map(({ entry }) => `${entry.run}: ${entry.message.slice(0, 10)}`))
        backlog.done(batch)
        backlog.forget(batch)
      }
      return lines
    }
    const kept = Array(most).fill(`loud: ${'x'.repeat(Math.min(length, 10))}`)
    const other = `quiet: ${'x'.repeat(Math.min(length, 10))}`
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < most + 100; i++) add('loud')
      add('quiet')
      assert.deepEqual(takeAll(), [...kept, 'loud: Lines were', other])
    }
  }
})

test('metadata is merged, the newer member wins, and each report is parsed once however many wait', () => {
  const backlog = new Backlog()
  const parse = mock.method(JSON, 'parse')
  const said = Array.from({ length: 500 }, (_, n) => `{"newest": ${n}, "__proto__": ${n}, "part ${n}": "done"}`)
  for (const metadata of said) backlog.addReport(owner, { ...report('run', 1), metadata })
  const failed = backlog.take(1)
  backlog.done(failed)
  backlog.addReport(owner, { ...report('run', 1), metadata: '{"newest": "after it"}' })
  backlog.putBack(failed)
  const [{ entry } = assert.fail('nothing waits')] = backlog.take(1).reports
  parse.mock.restore()
  const kept = Object.entries(JSON.parse(String(entry.metadata)))
  assert.equal(kept.length, 502)
  assert.deepEqual(kept.slice(0, 3), [
    ['newest', 'after it'],
    ['__proto__', 499],
    ['part 0', 'done'],
  ])
  assert.ok(parse.mock.callCount() <= said.length + 2, `${parse.mock.callCount()} were parsed`)
})

test('reports that wait together have no more metadata than a step may: one that would exceed that adds none', () => {
  const backlog = new Backlog()
  const say = (metadata: object) =>
    backlog.addReport(owner, { ...report('run', 1), metadata: JSON.stringify(metadata) })
  const most = 1024 * 1024
  const rest = '–'.repeat(10)
  say({ large: 'x'.repeat(most - JSON.stringify({ large: '', rest }).length - 2 * rest.length) })
  say({ rest: `${rest}.` })
  say({ rest })
  say({ more: 1 })
  say({ rest: 'less' })
  say({ rest })
  const [{ entry } = assert.fail('nothing waits')] = backlog.take(1).reports
  assert.equal(Buffer.byteLength(String(entry.metadata)), most)
  assert.deepEqual(Object.keys(JSON.parse(String(entry.metadata))), ['large', 'rest'])
})
