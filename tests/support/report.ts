/**
 * Prints several runs of node:test, which may be in progress at the same time, one after the other as if they were one: with
 * one summary, which has the sums and every failure.
 */
import { Readable } from 'node:stream'
import { spec } from 'node:test/reporters'

interface TestEvent {
  type: string
  data: { name?: string; message?: string; nesting?: number; file?: string }
}

export interface Tests {
  events: AsyncIterable<TestEvent>
  /** A line printed above them. */
  title: string
  /** Appended to the name of each. */
  suffix: string
}

export interface Totals {
  ran: number
  failed: number
}

export async function report(runs: AsyncIterable<Tests>): Promise<Totals> {
  const sums = new Map<string, number>()
  let failed = 0
  const merged = async function* (): AsyncGenerator<TestEvent> {
    for await (const { events, title, suffix } of runs) {
      yield diagnostic(title)
      for await (const event of events) {
        if (event.type === 'test:fail') failed++
        if (!isSummary(event)) yield withSuffix(event, suffix)
        else if (event.type === 'test:diagnostic') add(sums, event.data.message ?? '')
      }
    }
    for (const [what, sum] of sums) yield diagnostic(`${what} ${sum}`)
    yield { type: 'test:summary', data: {} }
  }
  for await (const text of Readable.from(merged()).compose(new spec())) process.stdout.write(text)
  return { ran: (sums.get('tests') ?? 0) - (sums.get('skipped') ?? 0), failed }
}

function diagnostic(message: string): TestEvent {
  return { type: 'test:diagnostic', data: { nesting: 0, message } }
}

/** What a run reports for all its files, such as `tests 12`, belongs to none of them. */
function isSummary({ type, data }: TestEvent): boolean {
  return (
    data.file === undefined &&
    (type === 'test:summary' || (type === 'test:diagnostic' && COUNT.test(data.message ?? '')))
  )
}

const COUNT = /^(\w+) ([\d.]+)$/

function add(sums: Map<string, number>, message: string): void {
  const [, what = '', count] = message.match(COUNT) ?? []
  const before = sums.get(what) ?? 0
  // They run at the same time: together they took as long as the longest.
  sums.set(what, what === 'duration_ms' ? Math.max(before, Number(count)) : before + Number(count))
}

function withSuffix(event: TestEvent, suffix: string): TestEvent {
  return event.data.name === undefined ? event : { ...event, data: { ...event.data, name: event.data.name + suffix } }
}
