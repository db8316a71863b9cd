import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import pg from 'pg'
import type { Db } from '../../db/client.ts'
import type { RunStatus } from '../../db/contract.ts'
import { silent } from '../../db/logger.ts'
import { Hub } from '../../server/hub/hub.ts'
import type { Interest } from '../../server/hub/interests.ts'
import { parsePlace } from '../../server/hub/sse.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'
import { TestStream } from './stream.ts'

const NEVER_MS = 3_600_000

let database: TestDatabase
let pool: pg.Pool
before(async () => {
  database = await createDatabase()
  pool = new pg.Pool({ connectionString: database.url })
})
after(async () => {
  await pool.end()
  await database.drop()
})

/** With the runs of a question about changes, and the lines it asks after: what must come first. */
type Hook = (runs: string[], lines: unknown[]) => Promise<void> | void

/**
 * A hub that hears only what the test tells it, how often it asked the database, and a gate before its next question.
 * `beforeChanges` may keep a question about changes waiting, or refuse it, and `afterChanges` its answer. At `logs` it
 * shows log lines and ends with the run, at `many/logs` it stays open.
 */
async function openHub(
  interests: () => Interest[],
  { beforeChanges = () => {}, afterChanges = () => {} }: { beforeChanges?: Hook; afterChanges?: Hook } = {},
) {
  const asked: string[] = []
  const keysAsked: string[][] = []
  const listsAsked: string[][] = []
  const filedAsked: string[][] = []
  const refused = new Set<string>()
  const questions = new EventEmitter()
  let underWay = 0
  let opened = 0
  let gate: Promise<void> = Promise.resolve()
  const db: Db = {
    async query(query, values) {
      const { name = String(query), values: asks } = Object(query) as { name?: string; values?: unknown[][] }
      asked.push(name)
      if (name === 'stepcast.newest_runs') keysAsked.push(asks?.[2] as string[])
      if (name === 'stepcast.newest_listed') listsAsked.push(asks?.[1] as string[])
      if (name === 'stepcast.read_filed') filedAsked.push(asks?.[0] as string[])
      questions.emit('question')
      underWay += 1
      await gate
      const runs = name === 'stepcast.read_changes' ? (asks?.[0] as string[]) : null
      const lines = asks?.[2] ?? []
      const answer = async () => {
        if (refused.delete(name)) tooLong()
        if (runs) await beforeChanges(runs, lines)
        const answered = await pool.query(query, values)
        if (runs) await afterChanges(runs, lines)
        return answered
      }
      return answer().finally(() => {
        underWay -= 1
        questions.emit('answer')
      })
    },
  }
  const hub = new Hub({ db, logger: silent, pollMs: NEVER_MS })
  const server = createServer(({ url = '' }, res) => {
    const logs = url.endsWith('logs')
    hub.watch(res, interests(), { logs, endsWithRun: logs && !url.endsWith('many/logs') })
    opened += 1
    questions.emit('opened')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    hub,
    asked,
    /** The keys of each question about keys. */
    keysAsked,
    /** The workflows of each question about lists. */
    listsAsked,
    /** The runs of each question about what lists and keys look at. */
    filedAsked,
    /** The next question of this name fails. */
    refuse: (name: string) => refused.add(name),
    question: () => once(questions, 'question'),
    opened: async (count: number) => {
      while (opened < count) await once(questions, 'opened')
    },
    /** Nothing is asked any more, nor about to be. */
    idle: async () => {
      do {
        while (underWay > 0) await once(questions, 'answer')
        await new Promise(setImmediate)
      } while (underWay > 0)
    },
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      gate = promise
      return resolve
    },
    /** Only the questions that wait are held, not the next ones. */
    pass: () => {
      gate = Promise.resolve()
    },
    watch: async () => (await TestStream.open(url)).ready(),
    open: (path: string) => TestStream.open(`${url}/${path}`),
    async [Symbol.asyncDispose]() {
      await hub.stop()
      server.closeAllConnections()
      server.close()
    },
  }
}

async function openRun(workflow = 'import', key: string | null = null): Promise<string> {
  const { rows } = await pool.query(`select stepcast.open_run($1, '["load"]', $2) as run`, [workflow, key])
  await pool.query("select stepcast.begin_step($1, 'load')", [rows[0].run])
  return rows[0].run
}

const report = async (run: string, progress: number): Promise<number> => {
  await pool.query("select stepcast.report_step($1, 'load', $2)", [run, progress])
  const { rows } = await pool.query('select revision::integer from stepcast.runs where id = $1', [run])
  return rows[0].revision
}

test('one change is one question, however many watch', async () => {
  const run = await openRun()
  await using bench = await openHub(() => [{ run, view: 'full', since: null }])
  const streams = await Promise.all(Array.from({ length: 50 }, () => bench.watch()))
  const before = bench.asked.length
  bench.hub.notified([[run, await report(run, 10)]])
  for (const stream of streams) await stream.named('patch')
  assert.deepEqual(bench.asked.slice(before), ['stepcast.read_changes'])
  for (const stream of streams) assert.deepEqual(stream.events.at(-1), streams[0]?.events.at(-1))
})

test('what changes while a question is under way goes into the next one, all runs together', async () => {
  const runs = [await openRun(), await openRun(), await openRun()]
  await using bench = await openHub(() => runs.map((run) => ({ run, view: 'full' as const, since: null })))
  const stream = await bench.watch()
  const before = bench.asked.length
  const release = bench.hold()
  for (const progress of [10, 20, 30]) {
    for (const run of runs) bench.hub.notified([[run, await report(run, progress)]])
  }
  release()
  for (const run of runs) await stream.until(() => stream.state(run).steps[0]?.progress === 30)
  assert.equal(bench.asked.length - before, 2)
})

test('what was announced and is known already is not asked for again', async () => {
  const run = await openRun()
  await using bench = await openHub(() => [{ run, view: 'full', since: null }])
  const stream = await bench.watch()
  const first = await report(run, 10)
  const second = await report(run, 20)
  bench.hub.notified([[run, second]])
  await stream.named('patch')
  const before = bench.asked.length
  bench.hub.notified([[run, first]])
  bench.hub.notified([[run, second]])
  bench.hub.notified([[run, await report(run, 30)]])
  await stream.until(() => stream.state(run).steps[0]?.progress === 30)
  assert.equal(bench.asked.length - before, 1)
})

test('a change between the question for a snapshot and its answer is not lost', async () => {
  const run = await openRun()
  await using bench = await openHub(() => [{ run, view: 'full', since: null }])
  const first = await bench.watch()
  const release = bench.hold()
  const question = bench.question()
  const joining = bench.watch()
  await question
  const revision = await report(run, 50)
  bench.hub.notified([[run, revision]])
  release()
  const second = await joining
  for (const stream of [first, second]) await stream.until(() => stream.state(run).run?.revision === revision)
  assert.equal(second.events[0]?.name, 'snapshot')
})

test('a notification that is none of ours changes nothing', async () => {
  const run = await openRun()
  await using bench = await openHub(() => [{ run, view: 'full', since: null }])
  const stream = await bench.watch()
  const before = bench.asked.length
  for (const payload of [undefined, null, 7, 'x', {}, [run], [[run]], [[7, 7]], [['x', 1]], [[run, 'x']]])
    bench.hub.notified(payload)
  bench.hub.notified([[run, await report(run, 40)]])
  await stream.named('patch')
  assert.equal(bench.asked.length - before, 1)
})

const listOf = (workflow: string, status?: RunStatus): Interest[] => [
  {
    list: {
      filter: { tenant: 'default', workflow, statuses: status ? [status] : null, key: null, q: null, limit: 50 },
      view: 'full',
    },
  },
]
const LISTS = ['stepcast.read_filed', 'stepcast.newest_listed']

test('a list is asked for once, however many watch it, and by no tick of progress', async () => {
  const run = await openRun('ticking')
  await using bench = await openHub(() => listOf('ticking'))
  const first = await bench.watch()
  const release = bench.hold()
  const joining = Array.from({ length: 50 }, () => bench.watch())
  await bench.opened(51)
  release()
  const streams = [first, ...(await Promise.all(joining))]
  assert.ok(bench.asked.filter((name) => name === 'stepcast.newest_listed').length <= 3, bench.asked.join())
  const before = bench.asked.length
  for (const progress of [10, 20, 30]) {
    bench.hub.notified([[run, await report(run, progress)]])
    for (const stream of streams) await stream.until(() => stream.list()[0]?.progress === progress)
  }
  assert.deepEqual(new Set(bench.asked.slice(before)), new Set(['stepcast.read_changes']))
  assert.deepEqual(streams.at(-1)?.events.at(-1), first.events.at(-1))
})

test('a change of status asks for those lists alone that look at it, and a new run for those that it belongs in', async () => {
  const run = await openRun('asked')
  await using plain = await openHub(() => listOf('asked'))
  await using byStatus = await openHub(() => listOf('asked', 'failed'))
  const [first, second] = [await plain.watch(), await byStatus.watch()]
  const before = [plain.asked.length, byStatus.asked.length]
  const revision = await report(run, 10)
  for (const { hub } of [plain, byStatus]) hub.notified([[run, revision, 2]])
  await first.until(() => first.list()[0]?.progress === 10)
  const other = await openRun('elsewhere')
  for (const { hub } of [plain, byStatus]) hub.notified([[other, 1, 1]])
  await byStatus.idle()
  await plain.idle()
  assert.deepEqual(plain.asked.slice(before[0]).sort(), ['stepcast.read_changes', 'stepcast.read_filed'])
  // It runs: a list of failed runs is as it was.
  assert.deepEqual(new Set(byStatus.asked.slice(before[1])), new Set(['stepcast.read_filed']))
  await pool.query("select stepcast.fail_step($1, 'load', 'no')", [run])
  byStatus.hub.notified([[run, revision + 1, 2]])
  await second.until(() => second.list()[0]?.id === run)
  assert.deepEqual(byStatus.asked.slice(-3), [...LISTS, 'stepcast.read_changes'])
})

test('a run that a new epoch has lost leaves the lists that show it', async () => {
  const [stays, lost] = [await openRun('failing over'), await openRun('failing over')]
  await using bench = await openHub(() => listOf('failing over'))
  const stream = await bench.watch()
  assert.equal(stream.list().length, 2)
  // As a promotion leaves it of a standby that had not heard of the run.
  await pool.query(`do $$ begin
    set local session_replication_role = replica;
    delete from stepcast.steps where run_id = '${lost}';
    delete from stepcast.runs where id = '${lost}';
    delete from stepcast.epoch;
  end $$`)
  bench.hub.notified([[stays, await report(stays, 10)]])
  const { data } = await stream.named('end')
  assert.deepEqual([data.run.id, data.reason], [lost, 'deleted'])
  await stream.until(() => stream.list()[0]?.progress === 10)
  assert.deepEqual(
    stream.list().map(({ id }) => id),
    [stays],
  )
})

test('who wants the steps while a row is read without them gets all of them', async () => {
  const run = await openRun('mixed')
  const whole: Interest[] = [{ run, view: 'full', since: null }]
  const wanted = [listOf('mixed'), whole]
  await using bench = await openHub(() => wanted.shift() ?? [])
  const rows = await bench.watch()
  const release = bench.hold()
  const question = bench.question()
  bench.hub.notified([[run, await report(run, 10)]])
  await question
  bench.pass()
  const stream = await bench.watch()
  // Known to the read that is held alone: nothing else tells of it.
  const last = await report(run, 20)
  release()
  await stream.until(() => stream.state(run).run?.revision === last)
  assert.equal(stream.state(run).steps[0]?.progress, 20)
  await rows.until(() => rows.list()[0]?.revision === last)
})

const whole = (run: string): Interest => ({ run, view: 'full', since: null })
const openRuns = (count: number) => Promise.all(Array.from({ length: count }, () => openRun()))
const tooLong = () => assert.fail('canceling statement due to statement timeout')

test('changes that cannot be read in one question are read in parts', async () => {
  const runs = await openRuns(64)
  let most = 64
  await using bench = await openHub(() => runs.map(whole), {
    beforeChanges: (asked) => (asked.length > most ? tooLong() : undefined),
  })
  const stream = await bench.watch()
  most = 16
  bench.hub.notified(await Promise.all(runs.map(async (run) => [run, await report(run, 10)])))
  await stream.until(() => runs.every((run) => stream.state(run).steps[0]?.progress === 10))
})

test('first pictures that cannot be read in one question are read in parts, not one by one', async () => {
  const runs = await openRuns(64)
  const sizes: number[] = []
  await using bench = await openHub(() => runs.map(whole), {
    beforeChanges: (asked) => (asked.length > 16 ? tooLong() : void sizes.push(asked.length)),
  })
  const stream = await bench.watch()
  for (const run of runs) assert.equal(stream.state(run).run?.id, run)
  assert.ok(sizes.length < 8, sizes.join())
})

test('what a read has no room for comes with the next: a first picture, what was missed, or a change', async () => {
  const runs = await openRuns(75)
  const long = 'x'.repeat(250_000)
  await pool.query('update stepcast.runs set metadata = $2 where id = any ($1)', [runs, { long }])
  const coming: Interest[] = []
  await using bench = await openHub(() => coming.splice(0, 1))
  let opened = 0
  const watchAll = async (interests: Interest[]) => {
    coming.push(...interests)
    const open = bench.hold()
    const opening = runs.map(() => bench.watch())
    opened += runs.length
    await bench.opened(opened)
    open()
    return Promise.all(opening)
  }
  const firsts = (streams: TestStream[]) => new Set(streams.map(({ names }) => names.join()))
  const streams = await watchAll(runs.map(whole))
  assert.deepEqual(firsts(streams), new Set(['snapshot']))
  bench.hub.notified(await Promise.all(runs.map(async (run) => [run, await report(run, 10)])))
  await Promise.all(streams.map((stream) => stream.named('patch')))
  for (const stream of streams) stream.close()
  await Promise.all(runs.map((run) => report(run, 20)))
  const places = streams.map(({ events }) => [events[0]?.data.run.id, parsePlace(events.at(-1)?.id)] as const)
  const returned = await watchAll(places.map(([run, since]) => ({ ...whole(run), since })))
  assert.deepEqual(firsts(returned), new Set(['patch']))
})

/** A run of which the first question is refused when that is wished, and every other is not answered until `open`. */
function openTrouble() {
  const { promise, resolve: open } = Promise.withResolvers<void>()
  const waits = Promise.withResolvers<void>()
  let run = ''
  let refused = false
  return {
    open,
    waits: waits.promise,
    beginsWith: (troubled: string) => {
      run = troubled
    },
    beforeChanges: (asked: string[]) => {
      if (!asked.includes(run)) return
      if (!refused) {
        refused = true
        tooLong()
      }
      waits.resolve()
      return promise
    },
  }
}

test('a run whose changes cannot be read delays no other, and is read when it can be', async () => {
  const [troubled = '', ...others] = await openRuns(3)
  const trouble = openTrouble()
  await using bench = await openHub(() => [troubled, ...others].map(whole), trouble)
  const stream = await bench.watch()
  trouble.beginsWith(troubled)
  bench.hub.notified([[troubled, await report(troubled, 10)]])
  await trouble.waits
  for (const progress of [10, 20]) {
    bench.hub.notified(await Promise.all(others.map(async (run) => [run, await report(run, progress)])))
    for (const run of others) await stream.until(() => stream.state(run).steps[0]?.progress === progress)
  }
  const last = await report(troubled, 30)
  bench.hub.notified([[troubled, last]])
  trouble.open()
  await stream.until(() => stream.state(troubled).run?.revision === last)
})

test('a run whose first picture cannot be read delays no newcomer to another', async () => {
  const [troubled = '', other = ''] = await openRuns(2)
  const trouble = openTrouble()
  trouble.beginsWith(troubled)
  const wanted = [[whole(troubled)], [whole(other)]]
  await using bench = await openHub(() => wanted.shift() ?? [], trouble)
  const waiting = bench.watch()
  await trouble.waits
  const stream = await bench.watch()
  assert.equal(stream.state(other).run?.id, other)
  trouble.open()
  assert.equal((await waiting).state(troubled).run?.id, troubled)
})

/** Keeps an answer back: `isRead` when there is one, and until `open`. */
function openGate() {
  const { promise: isRead, resolve: reach } = Promise.withResolvers<void>()
  const { promise: isOpen, resolve: open } = Promise.withResolvers<void>()
  const hold = () => {
    reach()
    return isOpen
  }
  return { isRead, hold, open }
}

/** The last line of a log and the end of the run. */
async function endWithWords(run: string): Promise<void> {
  await pool.query("select stepcast.log_line($1, 'load', 'info', 'last words')", [run])
  await pool.query("select stepcast.complete_step($1, 'load')", [run])
  await pool.query('select stepcast.finish_run($1)', [run])
}

function assertAllCame(stream: TestStream, run: string): void {
  const { logs, steps } = stream.state(run)
  assert.deepEqual(
    [logs.map(({ message }) => message), steps[0]?.status, stream.events.map(({ name }) => name)],
    [['last words'], 'completed', ['snapshot', 'patch', 'log', 'end']],
  )
}

for (const path of ['logs', 'many/logs']) {
  const allOf = (stream: TestStream) => (path === 'logs' ? stream.closed() : stream.named('end'))

  test(`the last lines come before the end to who was joining when others were told without lines: ${path}`, async () => {
    const run = await openRun()
    const held: (() => Promise<void>)[] = []
    await using bench = await openHub(() => [whole(run)], { afterChanges: () => held.shift()?.() })
    const others = await bench.watch()
    const joining = openGate()
    held.push(joining.hold)
    const stream = await bench.open(path)
    await joining.isRead
    await endWithWords(run)
    bench.hub.recheck()
    await others.named('end')
    joining.open()
    await allOf(stream)
    assertAllCame(stream, run)
  })

  test(`the last lines come before the end to who joined while they were read without lines: ${path}`, async () => {
    const run = await openRun()
    const held: (() => Promise<void>)[] = []
    await using bench = await openHub(() => [whole(run)], { afterChanges: () => held.shift()?.() })
    const others = await bench.watch()
    const [joining, reading] = [openGate(), openGate()]
    held.push(joining.hold, reading.hold)
    const stream = await bench.open(path)
    await joining.isRead
    await endWithWords(run)
    bench.hub.recheck()
    await reading.isRead
    joining.open()
    await stream.ready()
    reading.open()
    await allOf(stream)
    assertAllCame(stream, run)
    await others.named('end')
    assert.equal(others.events.filter(({ name }) => name === 'end').length, 1)
  })
}

test('who joins while the run ends is told that all has come before the stream ends', async () => {
  const run = await openRun()
  const held: (() => Promise<void>)[] = []
  await using bench = await openHub(() => [whole(run)], { beforeChanges: () => held.shift()?.() })
  const first = await (await bench.open('logs')).ready()
  const joining = openGate()
  held.push(joining.hold)
  const second = await bench.open('logs')
  await joining.isRead
  await endWithWords(run)
  bench.hub.recheck()
  await first.closed()
  joining.open()
  await second.closed()
  assert.deepEqual(second.comments, ['ready'])
  assert.deepEqual(
    second.events.map(({ name }) => name),
    ['snapshot', 'log', 'end'],
  )
})

test('who comes back with more lines behind it than one read brings keeps nobody waiting, and gets each once', async () => {
  const run = await openRun()
  const { rows } = await pool.query(
    `with logged as materialized (select stepcast.log_line($1, 'load', 'info', n::text) from generate_series(1, 3500) n)
     select stepcast.current_epoch() as epoch, r.revision::integer from stepcast.runs r where (select count(*) from logged) > 0 and id = $1`,
    [run],
  )
  const wanted: Interest[][] = [[whole(run)], [{ run, view: 'full', since: rows[0] }]]
  const reading = openGate()
  await using bench = await openHub(() => wanted.shift() ?? [], {
    beforeChanges: (_, lines) => (lines.includes(1_000) ? reading.hold() : undefined),
  })
  const other = await (await bench.open('many/logs')).ready()
  const returning = await (await bench.open('logs')).ready()
  await reading.isRead
  await endWithWords(run)
  bench.hub.recheck()
  await other.named('end')
  assert.equal(other.state(run).logs.at(-1)?.message, 'last words')
  reading.open()
  await returning.closed()
  const lines = returning.events.flatMap(({ name, data }) => (name === 'log' ? data.lines : []))
  assert.deepEqual(
    lines.map(({ line }: { line: number }) => line),
    Array.from({ length: 3_501 }, (_, index) => index + 1),
  )
  const names = returning.events.map(({ name }) => name)
  assert.deepEqual([names.filter((name) => name === 'snapshot').length, names.at(-1)], [0, 'end'])
})

const keyed = (key: string): Interest => ({
  key: { tenant: 'default', workflow: 'keyed', key, viewOf: async () => 'full' },
})
const inserted = (run: string) => [[run, 1, 1]]

test('a run that is inserted asks for its own key alone, and for none that nobody watches', async () => {
  await using bench = await openHub(() => ['own', 'other', 'third'].map(keyed))
  const stream = await bench.watch()
  await bench.idle()
  const before = bench.keysAsked.length
  bench.hub.notified(inserted(await openRun('keyed', 'unwatched')))
  bench.hub.notified(inserted(await openRun('elsewhere', 'own')))
  bench.hub.notified(inserted(await openRun('elsewhere')))
  await bench.idle()
  assert.deepEqual(bench.keysAsked.slice(before), [])
  const run = await openRun('keyed', 'own')
  bench.hub.notified(inserted(run))
  await stream.until(() => stream.state(run).run?.id === run)
  assert.deepEqual(bench.keysAsked.slice(before), [['own']])
})

test('a run under a watched key appears, though nobody could say under which key it was inserted, or the key be asked', async () => {
  await using bench = await openHub(() => ['first', 'second'].map(keyed))
  const stream = await bench.watch()
  for (const [question, key] of [
    ['stepcast.read_filed', 'first'],
    ['stepcast.newest_runs', 'second'],
  ] as const) {
    bench.refuse(question)
    const run = await openRun('keyed', key)
    bench.hub.notified(inserted(run))
    await stream.until(() => stream.state(run).run?.id === run)
  }
})

test('when the newest run under a key is deleted, the one before it is shown', async () => {
  const [before, newest] = [await openRun('keyed', 'deleted'), await openRun('keyed')]
  await pool.query('select stepcast.cancel_run($1)', [before])
  await pool.query("update stepcast.runs set revision = revision + 1, key = 'deleted' where id = $1", [newest])
  await using bench = await openHub(() => [keyed('deleted')])
  const stream = await bench.watch()
  assert.equal(stream.state(newest).run?.id, newest)
  await pool.query('delete from stepcast.runs where id = $1', [newest])
  bench.hub.notified([[newest, null]])
  await stream.until(() => stream.state(before).run?.id === before)
})

test('all watched keys are asked in parts, and what is inserted meanwhile comes before the rest', async () => {
  const keys = Array.from({ length: 2_500 }, (_, n) => `part ${n}`)
  await using bench = await openHub(() => keys.map(keyed))
  const stream = await bench.watch()
  await bench.idle()
  const before = bench.keysAsked.length
  const release = bench.hold()
  const question = bench.question()
  bench.hub.recheck()
  await question
  const run = await openRun('keyed', 'part 2400')
  bench.hub.notified(inserted(run))
  release()
  await stream.until(() => stream.state(run).run?.id === run)
  await bench.idle()
  const asked = bench.keysAsked.slice(before)
  assert.deepEqual(
    asked.map(({ length }) => length),
    [1_000, 1_000, 500],
  )
  assert.equal(asked[1]?.[0], 'part 2400')
  assert.equal(new Set(asked.flat()).size, keys.length)
})

test('all watched lists are asked in parts, and one that has changed or is new comes before the rest', async () => {
  const workflows = Array.from({ length: 250 }, (_, n) => `part ${n}`)
  const wanted = [workflows.flatMap((name) => listOf(name)), listOf('newcomer')]
  await using bench = await openHub(() => wanted.shift() ?? [])
  const stream = await bench.watch()
  await bench.idle()
  const before = bench.listsAsked.length
  const release = bench.hold()
  const question = bench.question()
  bench.hub.recheck()
  await question
  const run = await openRun('part 240')
  bench.hub.notified(inserted(run))
  const joining = bench.watch()
  await bench.opened(2)
  release()
  await stream.until(() => stream.list()[0]?.id === run)
  await joining
  await bench.idle()
  const asked = bench.listsAsked.slice(before)
  assert.deepEqual(
    asked.map(({ length }) => length),
    [100, 100, 51],
  )
  assert.deepEqual(new Set(asked[1]?.slice(0, 2)), new Set(['part 240', 'newcomer']))
  assert.equal(new Set(asked.flat()).size, 251)
})

test('runs that change by the thousand are asked about in parts, and the last of them appears too', async () => {
  await using bench = await openHub(() => listOf('crowd'))
  const stream = await bench.watch()
  const run = await openRun('crowd')
  const gone = Array.from({ length: 2_499 }, () => randomUUID())
  bench.hub.notified([...gone.map((id) => [id, 1, 1]), [run, 1, 1]])
  await stream.until(() => stream.list()[0]?.id === run)
  assert.deepEqual(
    bench.filedAsked.map(({ length }) => length),
    [1_000, 1_000, 500],
  )
})
