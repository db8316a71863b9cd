import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { type ListFilter, type ListView, RunStream, type RunView, type Target } from '../../client/stream.ts'
import { TIMINGS, type Timings, waitBefore } from '../../client/timings.ts'
import { FakeServer, type Stream } from './fake-server.ts'
import {
  aLine,
  aRun,
  aSnapshot,
  endEvent,
  leaveEvent,
  logEvent,
  patchEvent,
  RUN,
  rowEvent,
  rowId,
  rowPatchEvent,
  snapshotEvent,
} from './samples.ts'

const OTHER = '01900000-0000-7000-8000-00000000000f'
const QUICK: Partial<Timings> = { backoffMs: 5, backoffMaxMs: 20, stableMs: 5_000, pollMs: 10, pollRetryMs: 40 }

let server: FakeServer
let streams: RunStream[]

beforeEach(async () => {
  server = new FakeServer()
  streams = []
  await server.start()
})

afterEach(async () => {
  for (const stream of streams) stream.close()
  await server.stop()
})

function open(timings: Partial<Timings> = {}, token: string | null = null): RunStream {
  const stream = new RunStream({ src: server.src, token, timings: { ...QUICK, ...timings } })
  streams.push(stream)
  return stream
}

/** Collects what a listener is told and lets a test wait for a view. */
class Seen<View extends { connection: RunView['connection'] } = RunView> {
  readonly views: View[] = []
  private readonly waiting = new Set<() => void>()

  readonly listener = (view: View): void => {
    this.views.push(view)
    for (const check of [...this.waiting]) check()
  }

  get last(): View | undefined {
    return this.views.at(-1)
  }

  until(is: (view: View) => boolean): Promise<View> {
    return new Promise((resolve) => {
      const check = () => {
        const { last } = this
        if (last === undefined || !is(last)) return
        this.waiting.delete(check)
        resolve(last)
      }
      this.waiting.add(check)
      check()
    })
  }

  untilState(state: RunView['connection']['state']): Promise<View> {
    return this.until(({ connection }) => connection.state === state)
  }
}

function watch(stream: RunStream, target: Target = { run: RUN }, logs = false): Seen & { undo: () => void } {
  const seen = new Seen()
  const undo = stream.subscribe(target, seen.listener, { logs })
  return Object.assign(seen, { undo })
}

/** A stream that is live with one run, at revision 5. */
async function openLive(): Promise<{ stream: RunStream; seen: ReturnType<typeof watch>; first: Stream }> {
  const stream = open()
  const seen = watch(stream)
  const first = await server.next()
  first.send(snapshotEvent({ revision: 5 }))
  first.ready()
  await seen.untilState('live')
  return { stream, seen, first }
}

function watchList(stream: RunStream, filter: ListFilter): Seen<ListView> & { undo: () => void } {
  const seen = new Seen<ListView>()
  const undo = stream.subscribeList(filter, seen.listener)
  return Object.assign(seen, { undo })
}

const shown = ({ runs }: ListView) => runs.map(({ id }) => id).join()

test('a snapshot and its patches reach the listener, live', async () => {
  const seen = watch(open())
  const stream = await server.next()
  assert.deepEqual(stream.runs, [{ run: RUN }])
  stream.send(snapshotEvent({ revision: 1, progress: 10 }))
  stream.ready()
  stream.send(patchEvent({ revision: 2, progress: 20 }))
  const view = await seen.until(({ run }) => run?.progress === 20)
  assert.deepEqual([view.connection.state, view.heard], ['live', true])
})

test('the token goes along, and logs are asked for only where someone wants them', async () => {
  const stream = open({}, 'secret')
  watch(stream)
  const first = await server.next()
  assert.deepEqual([first.token, first.url], ['Bearer secret', '/events'])
  first.ready()
  watch(stream, { run: RUN }, true)
  assert.equal((await server.next()).url, '/events?logs=1')
})

test('a token that is not accepted any more is replaced, once for all who ask, and the run goes on from there', async () => {
  let given = 0
  const stream = new RunStream({ src: server.src, getToken: async () => `token-${++given}`, timings: QUICK })
  streams.push(stream)
  const seen = watch(stream)
  const first = await server.next()
  assert.equal(first.token, 'Bearer token-1')
  first.send(snapshotEvent({ revision: 3 }))
  first.ready()
  await seen.untilState('live')
  server.refusals.push({ status: 401 })
  first.retry(0)
  first.end()
  const second = await server.next()
  assert.deepEqual([second.token, second.runs], ['Bearer token-2', [{ run: RUN, since: 'e1-3' }]])
  second.ready()
  await seen.untilState('live')
  assert.ok(seen.views.every(({ connection }) => connection.state !== 'closed'))
})

test('where a stream ends because its token does, a new one is there before anything is asked again', async () => {
  const asked: (string | null | undefined)[] = []
  const getToken = (refused?: string | null) => `token-${asked.push(refused)}`
  const stream = new RunStream({ src: server.src, getToken, timings: QUICK })
  streams.push(stream)
  watch(stream)
  const first = await server.next()
  first.expire()
  assert.equal((await server.next()).token, 'Bearer token-2')
  assert.deepEqual(asked, [undefined, 'token-1'])
})

test('a new token that is refused too ends it', async () => {
  server.refusals.push({ status: 401 }, { status: 401 })
  const stream = new RunStream({ src: server.src, token: 'old', getToken: () => 'no better', timings: QUICK })
  streams.push(stream)
  assert.equal((await watch(stream).untilState('closed')).connection.error?.status, 401)
})

test('a getToken that fails, whether at once or later, is called again with the next try', async () => {
  for (const fail of [
    () => {
      throw new Error('no session')
    },
    () => Promise.reject(new Error('no session')),
  ]) {
    let calls = 0
    const getToken = () => (++calls < 3 ? fail() : 'good')
    const stream = new RunStream({ src: server.src, getToken, timings: QUICK })
    streams.push(stream)
    watch(stream)
    assert.equal((await server.next()).token, 'Bearer good')
    assert.equal(calls, 3)
  }
})

test('what cannot be a token, as a page to sign in that is fetched in its place, is not sent: that one has to sign in is told', async () => {
  const page = '<!doctype html>\n<html lang="zh">登录</html>\n'
  server.refusals.push({ status: 401 }, { status: 401 })
  const asked: (string | null | undefined)[] = []
  const getToken = (refused?: string | null) => {
    asked.push(refused)
    return page
  }
  const stream = new RunStream({ src: server.src, getToken, timings: QUICK })
  streams.push(stream)
  const seen = watch(stream)
  assert.equal((await seen.untilState('closed')).connection.error?.status, 401)
  assert.ok(seen.views.every(({ connection }) => connection.state !== 'reconnecting'))
  assert.deepEqual(asked, [undefined, page])
})

test('white space after a token, as a line end, is no part of it', async () => {
  const stream = open({}, 'secret\r\n')
  watch(stream)
  assert.equal((await server.next()).token, 'Bearer secret')
})

test('no token stands in an address', async () => {
  server.holdsBack = true
  const stream = new RunStream({ src: server.src, token: 'secret', timings: { ...QUICK, firstSignMs: 20 } })
  streams.push(stream)
  server.documents.set(`/runs/${RUN}`, aSnapshot({ revision: 4 }))
  server.documents.set(`/runs/${RUN}/logs?after=0`, '')
  await watch(stream, { run: RUN }, true).untilState('polling')
  assert.ok(server.asked.length > 0)
  assert.ok(server.asked.every((address) => !address.includes('secret')))
})

test('a run is found though its id is written in capitals', async () => {
  const id = OTHER.replace('7000', '7aaa')
  const seen = watch(open(), { run: id.toUpperCase() })
  const stream = await server.next()
  stream.send(snapshotEvent({ id, revision: 1 }))
  stream.ready()
  assert.equal((await seen.until(({ heard }) => heard)).run?.id, id)
})

test('what enters a page in one task shares one connection', async () => {
  const stream = open()
  const one = watch(stream)
  const two = watch(stream)
  const byKey = watch(stream, { workflow: 'project_init', key: '42' })
  const { runs, send, ready } = await server.next()
  assert.deepEqual(runs, [{ run: RUN }, { workflow: 'project_init', key: '42' }])
  send(snapshotEvent({ revision: 1 }))
  ready()
  for (const seen of [one, two, byKey]) await seen.until(({ run, heard }) => run?.id === RUN && heard)
  assert.equal(server.streams.length, 1)
})

test('after a cut it comes back and asks only for what it missed', async () => {
  const seen = watch(open())
  const first = await server.next()
  first.send(snapshotEvent({ revision: 7, progress: 70 }))
  first.ready()
  await seen.untilState('live')
  first.cut()
  await seen.untilState('reconnecting')
  const second = await server.next()
  assert.deepEqual(second.runs, [{ run: RUN, since: 'e1-7' }])
  second.ready()
  second.send(patchEvent({ revision: 8, progress: 80 }))
  const view = await seen.until(({ run }) => run?.progress === 80)
  assert.equal(view.connection.state, 'live')
})

test('a stream that the server ends waits as long as the server asked', async () => {
  const seen = watch(open({ backoffMs: 60_000, backoffMaxMs: 60_000 }))
  const first = await server.next()
  first.retry(1)
  first.ready()
  await seen.untilState('live')
  first.end()
  await server.next()
})

test('a 502 during a deploy is survived, and says since when it lasts', async () => {
  server.refusals.push({ status: 502 }, { status: 502 }, { status: 404 })
  const seen = watch(open())
  const lost = await seen.untilState('reconnecting')
  assert.ok(lost.connection.since <= Date.now())
  assert.equal(lost.connection.error?.status, 502)
  const stream = await server.next()
  stream.send(snapshotEvent({ revision: 1 }))
  stream.ready()
  await seen.untilState('live')
})

test('401 is final and told with its reason; reconnect() tries again', async () => {
  server.refusals.push({ status: 401, detail: 'Who are you?' })
  const stream = open()
  const seen = watch(stream)
  const { connection } = await seen.untilState('closed')
  assert.deepEqual([connection.error?.status, connection.error?.detail], [401, 'Who are you?'])
  stream.reconnect()
  const again = await server.next()
  again.ready()
  await seen.untilState('live')
})

test('who takes the place of one that was refused is asked for anew', async () => {
  server.refusals.push({ status: 401 })
  const stream = open()
  const seen = watch(stream)
  await seen.untilState('closed')
  seen.undo()
  const next = watch(stream)
  const again = await server.next()
  again.ready()
  await next.untilState('live')
})

test('an answer that is no event stream is told as what it is', async () => {
  const fake: typeof fetch = async () => new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } })
  const stream = new RunStream({ src: server.src, fetch: fake })
  streams.push(stream)
  const { connection } = await watch(stream).untilState('closed')
  assert.match(connection.error?.message ?? '', /text\/html, not an event stream/)
})

test('where a stream has been, an answer that is none is survived like a 502', async () => {
  const { seen, first } = await openLive()
  server.refusals.push({ status: 200 }, { status: 200 }, { status: 200 })
  first.cut()
  const next = await Promise.race([server.next(), seen.untilState('closed')])
  assert.ok('ready' in next, 'it has given up')
  assert.deepEqual(next.runs, [{ run: RUN, since: 'e1-5' }])
  next.ready()
  const { run, connection } = await seen.untilState('live')
  assert.deepEqual([run?.revision, connection.error], [5, null])
})

test('a stream that falls silent is replaced', async () => {
  const seen = watch(open({ stallMs: 30 }))
  const first = await server.next()
  first.send(snapshotEvent({ revision: 3 }))
  first.ready()
  await first.closed
  const second = await server.next()
  assert.deepEqual(second.runs, [{ run: RUN, since: 'e1-3' }])
  second.ready()
  await seen.untilState('live')
})

test('beats keep a stream that has nothing to say', async () => {
  const seen = watch(open({ stallMs: 500 }))
  const first = await server.next()
  first.ready()
  const beating = setInterval(first.beat, 10)
  await seen.untilState('live')
  await new Promise((resolve) => setTimeout(resolve, 700))
  clearInterval(beating)
  assert.equal(server.streams.length, 1)
})

test('a new run opens the new stream first and closes the old one when the new one is ready', async () => {
  const { stream, seen, first } = await openLive()
  watch(stream, { run: OTHER })
  const second = await server.next()
  assert.deepEqual(second.runs, [{ run: RUN, since: 'e1-5' }, { run: OTHER }])
  let closed = false
  first.closed.then(() => {
    closed = true
  })
  first.send(patchEvent({ revision: 6, progress: 60 }))
  await seen.until(({ run }) => run?.progress === 60)
  assert.equal(closed, false)
  second.ready()
  await first.closed
  assert.ok(seen.views.every(({ connection }) => connection.state !== 'reconnecting'))
})

test('while the new stream cannot be opened the old one goes on', async () => {
  const { stream, seen, first } = await openLive()
  server.refusals.push({ status: 503 })
  watch(stream, { run: OTHER })
  const third = await server.next()
  first.send(patchEvent({ revision: 6, progress: 60 }))
  await seen.until(({ run }) => run?.progress === 60)
  third.ready()
  await first.closed
})

test('what the server refuses to show beside the rest is told so alone; the rest goes on, after a cut too', async () => {
  const { stream, seen, first } = await openLive()
  const tooMany = { status: 422, detail: 'That is one too many.' }
  server.refusals.push(tooMany)
  const other = watch(stream, { run: OTHER })
  await other.until(({ connection }) => connection.state === 'closed' && connection.error?.detail === tooMany.detail)
  first.send(patchEvent({ revision: 6, progress: 60 }))
  await seen.until(({ run }) => run?.progress === 60)
  server.refusals.push(tooMany)
  first.cut()
  const second = await server.next()
  assert.deepEqual(second.runs, [{ run: RUN, since: 'e1-6' }])
  second.ready()
  await seen.untilState('live')
  assert.ok(seen.views.every(({ connection }) => connection.state !== 'closed'))
  assert.equal(other.views.at(-1)?.connection.state, 'closed')
  other.undo()
  const third = await server.next()
  third.ready()
  await second.closed
})

test('log lines wanted later make the run begin anew, so that none is missing', async () => {
  const stream = open()
  watch(stream)
  const first = await server.next()
  first.send(snapshotEvent({ revision: 5 }))
  first.ready()
  const seen = watch(stream, { run: RUN }, true)
  const second = await server.next()
  assert.deepEqual(second.runs, [{ run: RUN }])
  second.send(snapshotEvent({ revision: 5 }))
  second.send(logEvent([1, 2]))
  second.ready()
  await seen.until(({ logs, heard }) => logs.length === 2 && heard)
  second.cut()
  assert.deepEqual((await server.next()).runs, [{ run: RUN, since: 'e1-1' }])
})

test('behind a proxy that holds the stream back it polls, and keeps trying the stream', async () => {
  server.holdsBack = true
  server.documents.set(`/runs/${RUN}`, aSnapshot({ revision: 4, progress: 44 }))
  server.documents.set('/workflows/a%20b/keys/4%2F2', aSnapshot({ id: OTHER, workflow: 'a b', key: '4/2' }))
  const stream = open({ firstSignMs: 20 })
  const seen = watch(stream)
  const byKey = watch(stream, { workflow: 'a b', key: '4/2' })
  const view = await seen.until(({ run, connection }) => run !== null && connection.state === 'polling')
  assert.deepEqual([view.run?.progress, view.heard], [44, true])
  await byKey.until(({ run }) => run?.id === OTHER)
  server.documents.set(`/runs/${RUN}`, aSnapshot({ revision: 5, progress: 55 }))
  await seen.until(({ run }) => run?.progress === 55)
  server.holdsBack = false
  const live = await server.next()
  live.ready()
  await seen.untilState('live')
  const polls = server.asked.length
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.ok(server.asked.length <= polls + 2, 'polling has stopped')
})

test('polling reads log lines from the last known one on, and tells the end', async () => {
  server.holdsBack = true
  const over = { revision: 4, status: 'failed', completedAt: '2026-11-22T10:01:00.000Z' } as const
  server.documents.set(`/runs/${RUN}`, aSnapshot(over))
  server.documents.set(`/runs/${RUN}/logs?after=0`, `${JSON.stringify(aLine(1))}\n${JSON.stringify(aLine(2))}\n`)
  server.documents.set(`/runs/${RUN}/logs?after=2`, '')
  const seen = watch(open({ firstSignMs: 20 }), { run: RUN }, true)
  const view = await seen.until(({ ended, logs }) => ended !== null && logs.length === 2)
  assert.equal(view.ended, 'failed')
})

test('while polling a run is shown before its log, of which a part is read at a time', async () => {
  server.holdsBack = true
  const message = 'x'.repeat(100_000)
  const log = Array.from({ length: 40 }, (_, index) => `${JSON.stringify({ ...aLine(index + 1), message })}\n`)
  server.documents.set(`/runs/${RUN}`, aSnapshot())
  server.documents.set(`/runs/${RUN}/logs?after=0`, log.join(''))
  const seen = watch(open({ firstSignMs: 20 }), { run: RUN }, true)
  const { logs } = await seen.until(({ connection }) => connection.error?.status === 404)
  assert.ok(seen.views.some((view) => view.run !== null && view.logs.length === 0))
  assert.ok(logs.length > 0 && logs.length < log.length)
  assert.equal(server.asked.at(-1), `/runs/${RUN}/logs?after=${logs.length}`)
})

test('while polling a server that is full is asked again when it said, and not before', async () => {
  server.holdsBack = true
  server.documents.set(`/runs/${RUN}`, aSnapshot())
  server.refusedReads.push({ status: 503, retryAfter: '1' })
  const seen = watch(open({ firstSignMs: 20 }))
  await seen.until(({ connection }) => connection.error?.status === 503)
  const began = performance.now()
  const asked = server.asked.length
  await seen.untilState('polling')
  assert.ok(performance.now() - began > 900)
  assert.equal(server.asked.length, asked + 1)
})

test('while polling an unknown run is told as such', async () => {
  server.holdsBack = true
  const view = await watch(open({ firstSignMs: 20 })).until(({ ended }) => ended !== null)
  assert.equal(view.ended, 'not-found')
})

test('while polling a run that was told to be deleted stays so', async () => {
  const stream = open({ firstSignMs: 20 })
  const seen = watch(stream)
  const other = watch(stream, { run: OTHER })
  const live = await server.next()
  live.send(snapshotEvent())
  live.send(endEvent(2, 'deleted'))
  live.ready()
  await seen.until(({ ended }) => ended === 'deleted')
  server.holdsBack = true
  live.cut()
  for (const progress of [44, 55]) {
    server.documents.set(`/runs/${OTHER}`, aSnapshot({ id: OTHER, revision: progress, progress }))
    await other.until(({ run }) => run?.progress === progress)
  }
  assert.ok(server.asked.includes(`/runs/${RUN}`))
  assert.ok(seen.views.every(({ ended }) => ended !== 'not-found'))
})

test('while polling what comes during a round is heard of with the next one, not before', async () => {
  server.holdsBack = true
  server.documents.set(`/runs/${RUN}`, aSnapshot())
  server.documents.set('/workflows/project_init/keys/42', aSnapshot(NEWER))
  const come = Promise.withResolvers<Seen>()
  let hasCome = false
  const late: typeof fetch = async (address, init) => {
    const answer = await fetch(address, init)
    // the round that ends with this answer has not asked for it
    if (!hasCome && `${address}`.endsWith(RUN)) come.resolve(watch(stream, KEY))
    hasCome ||= `${address}`.endsWith(RUN)
    return answer
  }
  const stream = new RunStream({ src: server.src, fetch: late, timings: { ...QUICK, firstSignMs: 20 } })
  streams.push(stream)
  watch(stream)
  const seen = await come.promise
  await seen.until(({ heard }) => heard)
  assert.ok(seen.views.every(({ heard, run }) => !heard || run?.id === OTHER))
})

test('while polling more than a server answers at once some are asked for at a time, and all are shown', async () => {
  server.holdsBack = true
  const ids = Array.from({ length: 120 }, (_, index) => rowId(index))
  for (const id of ids) server.documents.set(`/runs/${id}`, aSnapshot({ id }))
  let [underway, most] = [0, 0]
  const counted: typeof fetch = async (address, init) => {
    const isRead = init?.method === undefined
    if (isRead) most = Math.max(most, ++underway)
    return await fetch(address, init).finally(() => isRead && underway--)
  }
  const stream = new RunStream({ src: server.src, fetch: counted, timings: { ...QUICK, firstSignMs: 20 } })
  streams.push(stream)
  const all = ids.map((run) => watch(stream, { run }))
  await Promise.all(all.map((seen) => seen.until(({ run, connection }) => !!run && connection.state === 'polling')))
  assert.equal(most, 20)
})

test('while polling a run that was not there for a moment, as during a deploy, goes on', async () => {
  server.holdsBack = true
  server.documents.set(`/runs/${RUN}`, aSnapshot({ revision: 5, progress: 10 }))
  const seen = watch(open({ firstSignMs: 20 }))
  await seen.untilState('polling')
  server.refusedReads.push({ status: 404 })
  await seen.until(({ ended }) => ended === 'not-found')
  await seen.until(({ ended, run }) => ended === null && run?.progress === 10)
})

test('a run that was hidden for a moment is asked for as a whole, and goes on', async () => {
  const { stream, seen, first } = await openLive()
  stream.reconnect()
  const second = await server.next()
  second.send(endEvent(0, 'not-found'))
  second.ready()
  await seen.until(({ ended }) => ended === 'not-found')
  await first.closed
  stream.reconnect()
  const third = await server.next()
  assert.deepEqual(third.runs, [{ run: RUN }])
  third.send(snapshotEvent({ revision: 5 }))
  third.ready()
  await seen.until(({ ended }) => ended === null)
})

test('while polling the end of a run under a key is told where there is none any more', async () => {
  server.holdsBack = true
  const path = '/workflows/project_init/keys/42'
  server.documents.set(path, aSnapshot())
  const seen = watch(open({ firstSignMs: 20 }), { workflow: 'project_init', key: '42' })
  await seen.until(({ run }) => run !== null)
  server.documents.delete(path)
  await seen.until(({ ended }) => ended === 'not-found')
})

test('under a key an older run is shown if the newer one was deleted while the connection was lost', async () => {
  const seen = watch(open(), { workflow: 'project_init', key: '42' })
  const first = await server.next()
  first.send(snapshotEvent({ id: OTHER, key: '42', createdAt: '2026-11-22T23:00:00.000Z' }))
  first.ready()
  await seen.until(({ run }) => run?.id === OTHER)
  first.cut()
  const second = await server.next()
  second.send(snapshotEvent({ key: '42' }))
  second.ready()
  await seen.until(({ run }) => run?.id === RUN)
})

test('under a key the end of the only run is told if it was deleted while the connection was lost, and the next one appears', async () => {
  const seen = watch(open(), { workflow: 'project_init', key: '42' })
  const first = await server.next()
  first.send(snapshotEvent({ key: '42' }))
  first.ready()
  await seen.until(({ run }) => run?.id === RUN)
  first.cut()
  const second = await server.next()
  second.ready()
  await seen.until(({ ended }) => ended === 'not-found')
  second.send(snapshotEvent({ id: OTHER, key: '42', createdAt: '2026-11-22T23:00:00.000Z' }))
  await seen.until(({ run, ended }) => run?.id === OTHER && ended === null)
})

test('under a key a deletion that was told stays one over a reconnect', async () => {
  const seen = watch(open(), { workflow: 'project_init', key: '42' })
  const first = await server.next()
  first.send(snapshotEvent({ key: '42' }))
  first.ready()
  first.send(endEvent(2, 'deleted'))
  await seen.until(({ ended }) => ended === 'deleted')
  first.cut()
  const second = await server.next()
  await seen.untilState('reconnecting')
  second.ready()
  await seen.untilState('live')
  assert.equal(seen.last?.ended, 'deleted')
})

test('under a key an older run is shown once the new connection says so, though the one before it, dead by then, showed a newer', async () => {
  const stream = open()
  const seen = watch(stream, { workflow: 'project_init', key: '42' })
  const first = await server.next()
  first.send(snapshotEvent({ id: OTHER, key: '42', createdAt: '2026-11-22T23:00:00.000Z' }))
  first.ready()
  await seen.until(({ run }) => run?.id === OTHER)
  stream.reconnect()
  const second = await server.next()
  second.send(snapshotEvent({ key: '42' }))
  second.ready()
  await seen.until(({ run }) => run?.id === RUN)
  await first.closed
  assert.equal(seen.last?.run?.id, RUN)
})

test('under a key what a new connection has read late does not hide the newer run that the old one has told meanwhile', async () => {
  const stream = open()
  const seen = watch(stream, { workflow: 'project_init', key: '42' })
  const first = await server.next()
  first.send(snapshotEvent({ key: '42' }))
  first.ready()
  await seen.untilState('live')
  stream.reconnect()
  const second = await server.next()
  first.send(snapshotEvent({ id: OTHER, key: '42', createdAt: '2026-11-22T23:00:00.000Z' }))
  await seen.until(({ run }) => run?.id === OTHER)
  second.send(snapshotEvent({ key: '42' }))
  second.send(snapshotEvent({ id: OTHER, key: '42', createdAt: '2026-11-22T23:00:00.000Z', progress: 5, revision: 2 }))
  await seen.until(({ run }) => run?.progress === 5)
  second.ready()
  await first.closed
  const shown = seen.views.map(({ run }) => run?.id)
  assert.equal(shown.lastIndexOf(RUN) < shown.indexOf(OTHER), true)
})

const KEY = { workflow: 'project_init', key: '42' }
const NEWER = { id: OTHER, key: '42', createdAt: '2026-11-22T23:00:00.000Z' }
const OVER = { key: '42', revision: 5, status: 'completed', completedAt: '2026-11-22T10:01:00.000Z' } as const

test('under a key the newest run is shown, though the page shows an older one of that key by its id', async () => {
  const stream = open()
  const [byKey, byId] = [watch(stream, KEY), watch(stream)]
  for (const isLast of [true, false, true]) {
    const each = await server.next()
    if (isLast) each.send(snapshotEvent(NEWER))
    each.send(snapshotEvent(OVER))
    each.send(endEvent(5))
    if (!isLast) each.send(snapshotEvent(NEWER))
    each.ready()
    await byKey.until(({ run, heard }) => run?.id === OTHER && heard)
    await byId.until(({ ended }) => ended === 'completed')
    stream.reconnect()
  }
  assert.ok(byKey.views.every(({ run, ended }) => run?.id !== RUN && ended === null))
})

test('under a key an older run that is shown by its id too is shown, and its end, once the newer one was deleted', async () => {
  const stream = open()
  const [byKey, byId] = [watch(stream, KEY), watch(stream)]
  const first = await server.next()
  first.send(snapshotEvent(NEWER))
  first.send(snapshotEvent({ ...OVER, revision: 4, status: 'running', completedAt: null }))
  first.ready()
  await byKey.until(({ run }) => run?.id === OTHER)
  await byId.until(({ run }) => run?.id === RUN)
  first.cut()
  const second = await server.next()
  for (const event of [snapshotEvent(OVER), endEvent(5)]) for (const _ of [byId, byKey]) second.send(event)
  second.ready()
  await byKey.until(({ run, ended }) => run?.id === RUN && ended === 'completed')
})

test('while polling a run that is watched by itself is not shown under its key beside it', async () => {
  server.holdsBack = true
  server.documents.set(`/runs/${RUN}`, aSnapshot(OVER))
  server.documents.set('/workflows/project_init/keys/42', aSnapshot(NEWER))
  const stream = open({ firstSignMs: 20 })
  const [byKey, byId] = [watch(stream, KEY), watch(stream)]
  await byId.until(({ ended }) => ended !== null)
  await byKey.untilState('polling')
  const polls = byId.views.length
  await byId.until(() => byId.views.length > polls + 4)
  assert.ok(byKey.views.every(({ run, ended }) => run?.id !== RUN && ended === null))
})

test('a run under a key that has none yet: heard, and nothing there', async () => {
  const seen = watch(open(), { workflow: 'project_init', key: '42' })
  const stream = await server.next()
  stream.ready()
  const none = await seen.until(({ heard }) => heard)
  assert.equal(none.run, null)
  stream.send(snapshotEvent({ revision: 1 }))
  await seen.until(({ run }) => run?.id === RUN)
})

test('a run of another key does not show up under this one', async () => {
  const seen = watch(open(), { workflow: 'project_init', key: 'other' })
  const stream = await server.next()
  stream.send(snapshotEvent({ revision: 1 }))
  stream.ready()
  assert.equal((await seen.until(({ heard }) => heard)).run, null)
})

test('the stream stays open after the end, and a retry goes on', async () => {
  const seen = watch(open())
  const stream = await server.next()
  stream.send(snapshotEvent({ revision: 5, status: 'failed', completedAt: '2026-11-22T10:01:00.000Z' }))
  stream.send(endEvent(5, 'failed'))
  stream.ready()
  await seen.until(({ ended }) => ended === 'failed')
  stream.send(snapshotEvent({ revision: 6, status: 'running' }))
  const view = await seen.until(({ ended }) => ended === null)
  assert.equal(view.run?.status, 'running')
})

test('undo of the last subscription closes the connection; the next one opens another', async () => {
  const stream = open()
  const seen = watch(stream)
  const first = await server.next()
  first.ready()
  await seen.untilState('live')
  seen.undo()
  await first.closed
  watch(stream)
  assert.deepEqual((await server.next()).runs, [{ run: RUN }])
})

test('an element that only moves within the page keeps its connection and its run', async () => {
  const { stream, seen } = await openLive()
  seen.undo()
  const moved = watch(stream)
  const view = await moved.until(({ run }) => run !== null)
  assert.equal(view.run?.revision, 5)
  assert.equal(server.streams.length, 1)
})

test('who leaves as the page is put away and comes back with it is connected again', async (t) => {
  const page = new EventTarget()
  Object.assign(globalThis, { document: page, addEventListener: page.addEventListener.bind(page) })
  t.after(() => ['document', 'addEventListener'].map((name) => Reflect.deleteProperty(globalThis, name)))
  const { stream, seen, first } = await openLive()
  page.dispatchEvent(new Event('pagehide'))
  await first.closed
  seen.undo()
  await new Promise((resolve) => setTimeout(resolve))
  page.dispatchEvent(new Event('pageshow'))
  const again = watch(stream)
  const second = await server.next()
  second.send(snapshotEvent({ revision: 6, progress: 60 }))
  second.ready()
  await again.until(({ run }) => run?.progress === 60)
})

test('close() ends it for whoever is subscribed, and nothing is asked any more', async () => {
  const stream = open()
  const seen = watch(stream)
  const first = await server.next()
  first.ready()
  await seen.untilState('live')
  stream.close()
  await first.closed
  await seen.untilState('closed')
  await new Promise((resolve) => setTimeout(resolve, 60))
  assert.equal(server.streams.length, 1)
})

test('a listener that throws does not break the stream for the others', async (t) => {
  const report = t.mock.method(console, 'error', () => {})
  const stream = open()
  stream.subscribe({ run: RUN }, ({ run }) => {
    if (run) throw new Error('not our fault')
  })
  const seen = watch(stream)
  const first = await server.next()
  first.send(snapshotEvent({ revision: 1 }))
  first.send(patchEvent({ revision: 2, progress: 2 }))
  await seen.until(({ run }) => run?.progress === 2)
  assert.ok(report.mock.callCount() > 0)
})

test('a listener that throws the first time that it is called does not keep the stream from being opened', async (t) => {
  const report = t.mock.method(console, 'error', () => {})
  const stream = open()
  stream.subscribe({ run: RUN }, () => {
    throw new Error('not our fault')
  })
  const seen = watch(stream)
  const first = await server.next()
  first.ready()
  await seen.untilState('live')
  assert.ok(report.mock.callCount() > 0)
})

test('who was undone by another listener that was told before is not told any more', async () => {
  const stream = open()
  stream.subscribe({ run: RUN }, ({ run }) => {
    if (run) seen.undo()
  })
  const seen = watch(stream)
  const last = watch(stream)
  const first = await server.next()
  first.send(snapshotEvent({ revision: 1 }))
  await last.until(({ run }) => run !== null)
  assert.ok(seen.views.every(({ run }) => run === null))
})

test('a list and an element share one connection, and each is told what is its own', async () => {
  const stream = open()
  const list = watchList(stream, { status: 'running', limit: 20 })
  const seen = watch(stream, { run: rowId(1) })
  const { runs, send, ready } = await server.next()
  assert.deepEqual(runs, [{ run: rowId(1) }, { status: 'running', limit: 20 }])
  send(rowEvent(1, { revision: 1 }))
  send(rowEvent(2, { revision: 1 }))
  send(snapshotEvent({ id: rowId(1), revision: 1 }))
  ready()
  const view = await list.until(({ heard }) => heard)
  assert.deepEqual([shown(view), view.connection.state], [`${rowId(2)},${rowId(1)}`, 'live'])
  send(rowPatchEvent(1, { revision: 2, progress: 50 }))
  send(leaveEvent(2))
  await list.until((now) => shown(now) === rowId(1) && now.runs[0]?.progress === 50)
  assert.deepEqual([seen.last?.run?.progress, seen.last?.steps.length, seen.last?.ended], [0, 1, null])
  send(leaveEvent(1, 'deleted'))
  await seen.until(({ ended }) => ended === 'deleted')
  await list.until(({ runs: [run] }) => run === undefined)
})

test('an empty list that was heard is empty', async () => {
  const list = watchList(open(), {})
  const { ready } = await server.next()
  assert.deepEqual([list.last?.heard, list.last?.runs], [false, []])
  ready()
  assert.deepEqual((await list.until(({ heard }) => heard)).runs, [])
})

test('after a cut a list shows what it knew until the server has said what it holds now', async () => {
  const list = watchList(open(), {})
  const first = await server.next()
  for (const number of [1, 2]) first.send(rowEvent(number))
  first.ready()
  await list.until(({ heard }) => heard)
  first.cut()
  const second = await server.next()
  second.send(rowEvent(3))
  await list.until((view) => shown(view) === [3, 2, 1].map(rowId).join())
  second.ready()
  await list.until((view) => shown(view) === rowId(3))
  assert.ok(list.views.slice(2).every(({ runs }) => runs.length > 0))
})

test('while polling a list is asked for as GET /runs has it, without what is undefined', async () => {
  server.holdsBack = true
  server.documents.set('/runs?workflow=a+b&status=failed&limit=50', {
    runs: [aRun({ workflow: 'a b', status: 'failed' })],
  })
  const list = watchList(open({ firstSignMs: 20 }), { workflow: 'a b', status: 'failed', key: undefined } as never)
  await list.until((view) => view.connection.state === 'polling' && shown(view) === RUN)
  server.documents.set('/runs?workflow=a+b&status=failed&limit=50', { runs: [] })
  await list.until((view) => shown(view) === '')
})

test('while polling a list that may not be read is told so alone, and is not asked for again; the rest goes on', async () => {
  server.holdsBack = true
  server.documents.set('/workflows/project_init/keys/42', aSnapshot({ key: '42', revision: 5 }))
  server.forbidden.set('/runs?', { status: 403, detail: 'You do not have the right run:read here.' })
  const stream = open({ firstSignMs: 20, pollRetryMs: 10_000 })
  const list = watchList(stream, KEY)
  const seen = watch(stream, KEY)
  await list.until(({ connection }) => connection.state === 'closed' && connection.error?.status === 403)
  await seen.until(({ run, heard, connection }) => run?.id === RUN && heard && connection.state === 'polling')
  const polls = server.asked.length
  await seen.until(({ connection }) => server.asked.length > polls + 3 && connection.state === 'polling')
  assert.equal(server.asked.filter((url) => url.startsWith('/runs?')).length, 1)
  assert.ok(seen.views.every(({ connection }) => connection.state !== 'closed'))
  assert.equal(list.last?.heard, false)
})

test('while polling lists alone that may not be read, all is refused', async () => {
  server.holdsBack = true
  server.forbidden.set('/runs?', { status: 403 })
  const stream = open({ firstSignMs: 20 })
  await watchList(stream, KEY).until(() => stream.connection.state === 'closed')
  assert.equal(stream.connection.error?.status, 403)
})

test('while polling what is older than a page that ends before it is full stays in the list', async () => {
  const list = watchList(open({ firstSignMs: 20 }), {})
  const first = await server.next()
  for (const number of [1, 2, 3, 4]) first.send(rowEvent(number))
  first.ready()
  await list.until(({ heard }) => heard)
  server.holdsBack = true
  const page = [5, 3].map((number) => aRun({ id: rowId(number) }))
  server.documents.set('/runs?limit=50', { runs: page, next: rowId(3) })
  first.cut()
  await list.until((view) => shown(view) === [5, 3, 2, 1].map(rowId).join())
  server.documents.set('/runs?limit=50', { runs: [], next: rowId(2) })
  await list.until((view) => shown(view) === rowId(1))
  server.documents.set('/runs?limit=50', { runs: page, next: null })
  await list.until((view) => shown(view) === [5, 3].map(rowId).join())
})

test('elements that come and go by the hundred lose no change of the one that stays', async () => {
  const stream = open()
  const seen = watch(stream)
  const list = watchList(stream, {})
  let revision = 1
  const progress = () => Math.min(99, revision)
  let live = await server.next()
  live.send(snapshotEvent({ revision, progress: progress() }))
  live.send(rowEvent(7))
  live.ready()
  await seen.untilState('live')
  const others: { undo: () => void }[] = []
  for (let round = 0; round < 60; round++) {
    for (let n = 0; n < 5; n++) others.push(watch(stream, { run: `${OTHER.slice(0, -4)}${1_000 + round * 5 + n}` }))
    if (round % 3 === 2) for (const { undo } of others.splice(0, 7)) undo()
    const next = await server.next()
    // Between the question and its answer the run goes on: the old stream says so, the new one from where it was asked.
    revision += 1
    live.send(patchEvent({ revision, progress: progress() }))
    await seen.until(({ run }) => run?.revision === revision)
    assert.deepEqual(next.runs[0], { run: RUN, since: `e1-${revision - 1}` })
    next.send(patchEvent({ revision, progress: progress() }))
    next.send(rowEvent(7))
    next.ready()
    await live.closed
    live = next
  }
  const revisions = seen.views.flatMap(({ run }) => run?.revision ?? [])
  assert.deepEqual(
    revisions,
    revisions.toSorted((a, b) => a - b),
  )
  assert.deepEqual(new Set(revisions).size, revision)
  assert.ok(list.views.slice(2).every((view) => shown(view) === rowId(7)))
})

test('a server that is full is asked again when it said, and not before', async () => {
  server.refusals.push({ status: 429, retryAfter: '1' })
  const seen = watch(open())
  const { connection } = await seen.untilState('reconnecting')
  assert.deepEqual([connection.error?.status, connection.error?.retryAfterMs], [429, 1_000])
  const began = performance.now()
  await server.next()
  assert.ok(performance.now() - began > 900)
})

test('what a server asks for is waited for and up to half as long again, and what it does not say backs off', () => {
  const waits = (asked: Parameters<typeof waitBefore>[1], attempt = 1) =>
    Array.from({ length: 200 }, () => waitBefore(attempt, asked, TIMINGS))
  const within = (all: number[], from: number, to: number) => {
    assert.ok(all.every((ms) => ms >= from && ms <= to))
    assert.ok(Math.max(...all) - Math.min(...all) > (to - from) / 2, 'spread')
  }
  within(waits({ retryMs: 1_000, retryAfterMs: null }), 1_000, 1_500)
  within(waits({ retryMs: null, retryAfterMs: 30_000 }), 30_000, 45_000)
  within(waits({ retryMs: null, retryAfterMs: null }), 0, 1_000)
  within(waits({ retryMs: null, retryAfterMs: null }, 20), 0, 30_000)
})
