import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { type ListView, RunStream, type RunView, type StreamOptions } from '../../client/stream.ts'
import { FakeServer, type Stream } from './fake-server.ts'
import {
  aStep,
  leaveEvent,
  logEvent,
  patchEvent,
  RUN,
  rowEvent,
  rowId,
  rowPatchEvent,
  snapshotEvent,
} from './samples.ts'

// Node has Web Locks and broadcast channels too: each stream here is what a tab has.

const OTHER = '01900000-0000-7000-8000-00000000000f'

let server: FakeServer
let tabs: RunStream[]

beforeEach(async () => {
  server = new FakeServer()
  tabs = []
  await server.start()
})

afterEach(async () => {
  for (const tab of tabs) tab.close()
  await server.stop()
})

function openTab(options: StreamOptions = {}): RunStream {
  const tab = new RunStream({ src: server.src, share: 'ada', timings: { backoffMs: 5, backoffMaxMs: 20 }, ...options })
  tabs.push(tab)
  return tab
}

/** What a tab shows, and a wait for what it will. */
function watch<View extends RunView | ListView>(subscribe: (listener: (view: View) => void) => () => void) {
  let last: View | undefined
  const waiting = new Set<() => void>()
  const undo = subscribe((view) => {
    last = view
    for (const check of [...waiting]) check()
  })
  const until = (is: (view: View) => boolean) =>
    new Promise<View>((resolve) => {
      const check = () => {
        if (last === undefined || !is(last)) return
        waiting.delete(check)
        resolve(last)
      }
      waiting.add(check)
      check()
    })
  return { until, undo, now: () => last }
}

const watchRun = (tab: RunStream, run = RUN, logs = false) =>
  watch<RunView>((listener) => tab.subscribe({ run }, listener, { logs }))
const isLive = ({ connection }: RunView | ListView) => connection.state === 'live'

/** The first tab, which leads, live at 40 %. */
async function lead(): Promise<{ tab: RunStream; stream: Stream; seen: ReturnType<typeof watchRun> }> {
  const tab = openTab()
  const seen = watchRun(tab)
  const stream = await server.next()
  stream.send(snapshotEvent({ revision: 4, progress: 40 }))
  stream.ready()
  await seen.until(isLive)
  return { tab, stream, seen }
}

/** On which they talk to one another. */
async function channelOfTabs(): Promise<BroadcastChannel> {
  const { held = [] } = await navigator.locks.query()
  return new BroadcastChannel(held.find(({ name }) => /^stepcast 3 \w{64}$/.test(name ?? ''))?.name ?? '')
}

test('who comes late is shown all at once, then what happens, and asks the server nothing', async () => {
  const { stream } = await lead()
  const late = watchRun(openTab())
  const view = await late.until(({ run }) => run !== null)
  assert.deepEqual([view.run?.progress, view.heard, isLive(view)], [40, true, true])
  stream.send(patchEvent({ revision: 5, progress: 50 }, [aStep({ status: 'running' })]))
  const next = await late.until(({ run }) => run?.progress === 50)
  assert.equal(next.steps[0]?.status, 'running')
  assert.equal(server.streams.length, 1)
})

test('what another tab wants is asked for beside what there is, and no more once that tab has left', async () => {
  const { stream } = await lead()
  const other = openTab()
  const seen = watchRun(other, OTHER)
  const second = await server.next()
  assert.deepEqual(second.runs, [{ run: RUN, since: 'e1-4' }, { run: OTHER }])
  second.send(snapshotEvent({ id: OTHER, progress: 7 }))
  second.ready()
  await seen.until(({ run }) => run?.progress === 7)
  await stream.closed
  other.close()
  const third = await server.next()
  assert.deepEqual(third.runs, [{ run: RUN, since: 'e1-4' }])
})

test('the next one leads as soon as the first has left, from where that was', async () => {
  const first = await lead()
  const late = watchRun(openTab())
  await late.until(({ run }) => run?.progress === 40)
  first.stream.send(patchEvent({ revision: 5, progress: 50 }))
  await late.until(({ run }) => run?.progress === 50)
  first.tab.close()
  const second = await server.next()
  assert.deepEqual(second.runs, [{ run: RUN, since: 'e1-5' }])
  second.send(patchEvent({ revision: 6, progress: 60 }))
  second.ready()
  const view = await late.until(({ run }) => run?.progress === 60)
  assert.ok(isLive(view))
})

test('log lines go along, and those that nobody wanted before come all', async () => {
  await lead()
  const late = watchRun(openTab(), RUN, true)
  const second = await server.next()
  assert.equal(second.url, '/events?logs=1')
  second.send(snapshotEvent({ revision: 4, progress: 40 }))
  second.send(logEvent([1, 2]))
  second.ready()
  await late.until(({ logs }) => logs.length === 2)
  second.send(logEvent([3]))
  await late.until(({ logs }) => logs.length === 3)
  const later = watchRun(openTab(), RUN, true)
  assert.equal((await later.until(({ logs }) => logs.length > 0)).logs.length, 3)
})

test('a list is the same in every tab, also after it was read anew', async () => {
  const first = watch<ListView>((listener) => openTab().subscribeList({}, listener))
  const stream = await server.next()
  stream.send(rowEvent(1))
  stream.send(rowEvent(2))
  stream.ready()
  await first.until(({ runs }) => runs.length === 2)
  const late = watch<ListView>((listener) => openTab().subscribeList({}, listener))
  await late.until(({ runs }) => runs.length === 2)
  stream.send(rowPatchEvent(1, { revision: 2, progress: 11 }))
  await late.until(({ runs }) => runs[1]?.progress === 11)
  stream.cut()
  const second = await server.next()
  second.send(rowEvent(2))
  second.send(rowEvent(3))
  second.ready()
  const { runs } = await late.until(({ runs }) => runs[0]?.id === rowId(3) && runs.length === 2)
  assert.deepEqual(
    runs.map(({ id }) => id),
    [rowId(3), rowId(2)],
  )
})

test('a deletion is told in every tab', async () => {
  const first = watch<ListView>((listener) => openTab().subscribeList({}, listener))
  const stream = await server.next()
  for (const number of [1, 2]) stream.send(rowEvent(number))
  stream.ready()
  await first.until(({ runs }) => runs.length === 2)
  const late = watch<ListView>((listener) => openTab().subscribeList({}, listener))
  await late.until(({ runs }) => runs.length === 2)
  stream.send(leaveEvent(1, 'deleted'))
  const { deleted } = await late.until(({ runs }) => runs.length === 1)
  assert.deepEqual(
    deleted.map(({ id }) => id),
    [rowId(1)],
  )
})

test('a lost connection, and a refusal, are told in every tab', async () => {
  const { stream } = await lead()
  const late = watchRun(openTab())
  await late.until(isLive)
  server.refusals.push({ status: 401, detail: 'Who are you?' })
  stream.cut()
  await late.until(({ connection }) => connection.state === 'reconnecting')
  const { connection } = await late.until(({ connection }) => connection.state === 'closed')
  assert.deepEqual([connection.error?.status, connection.error?.detail], [401, 'Who are you?'])
})

test('a refusal is told once, however often the leader says it', async () => {
  const { stream } = await lead()
  const late = watchRun(openTab())
  await late.until(isLive)
  server.refusals.push({ status: 401, detail: 'Who are you?' })
  stream.cut()
  const first = await late.until(({ connection }) => connection.state === 'closed')
  const channel = await channelOfTabs()
  const said = new Promise<void>((resolve) => {
    channel.onmessage = ({ data }) => data.type === 'status' && resolve()
  })
  channel.postMessage({ type: 'ask', from: 'a test', targets: [], places: [], lists: [], logs: false })
  await said
  channel.postMessage({ type: 'event', target: { run: RUN }, event: patchEvent({ revision: 9, progress: 99 }) })
  const { connection } = await late.until(({ run }) => run?.progress === 99)
  assert.equal(connection, first.connection)
  channel.close()
})

test('what one tab has asked for too much is refused there alone', async () => {
  const { stream, seen } = await lead()
  server.refusals.push({ status: 422, detail: 'That is one too many.' })
  const late = watchRun(openTab(), OTHER)
  const { connection } = await late.until((view) => view.connection.state === 'closed')
  assert.equal(connection.error?.detail, 'That is one too many.')
  stream.send(patchEvent({ revision: 5, progress: 50 }))
  assert.ok(isLive(await seen.until(({ run }) => run?.progress === 50)))
  const other = watchRun(openTab())
  assert.ok(isLive(await other.until(({ run }) => run?.progress === 50)))
})

test('another name, token or server has a connection of its own; and so has who does not say who it is', async () => {
  await lead()
  const options: StreamOptions[] = [
    { share: 'bea' },
    { token: 'x' },
    { share: '' },
    { share: null },
    { src: `${server.src}/at` },
  ]
  for (const each of options) {
    watchRun(openTab(each))
    if (each.src === undefined) await server.next()
  }
  assert.equal(server.streams.length, 1 + options.length - 1)
  assert.ok(!server.streams.slice(1).some(({ runs }) => JSON.stringify(runs) !== JSON.stringify([{ run: RUN }])))
})

test('a tab that is denied the locks has a connection of its own', async (t) => {
  const deny = () => Promise.reject(new DOMException('Access is denied', 'SecurityError'))
  for (const name of ['query', 'request'] as const) t.mock.method(navigator.locks, name, deny)
  const { tab } = await lead()
  assert.equal(tab.connection.state, 'live')
})

test('which run is the newest under its key is the same in every tab, also where that is shown by its id', async () => {
  const target = { workflow: 'project_init', key: '42' }
  const [leader, other] = [openTab(), openTab()]
  const byKey = [leader, other].map((tab) => watch<RunView>((listener) => tab.subscribe(target, listener)))
  watchRun(leader)
  const newer = snapshotEvent({ id: OTHER, createdAt: '2026-11-22T23:00:00.000Z' })
  let stream = await server.next()
  while (stream.runs.length < 2) stream = await server.next()
  for (const event of [newer, snapshotEvent()]) stream.send(event)
  stream.ready()
  await Promise.all(byKey.map(({ until }) => until(({ run }) => run?.id === OTHER)))
  stream.cut()
  const next = await server.next()
  next.send(snapshotEvent({ revision: 2, progress: 20 }))
  next.ready()
  await Promise.all(byKey.map(({ until }) => until(({ run }) => run?.progress === 20)))
})

test('a tab that shows something else than the leader is put right by itself', async () => {
  await lead()
  const late = watchRun(openTab())
  await late.until(({ run }) => run?.progress === 40)
  const channel = await channelOfTabs()
  channel.postMessage({
    type: 'event',
    target: { run: RUN },
    event: patchEvent({ revision: 9, progress: 99 }),
  })
  await late.until(({ run }) => run?.progress === 99)
  await late.until(({ run }) => run?.progress === 40)
  channel.close()
})

test('tabs that come and go by the hundred: one connection, and all end with the same picture', async () => {
  const { stream, tab } = await lead()
  let revision = 4
  let live = stream
  const others: { tab: RunStream; seen: ReturnType<typeof watchRun> }[] = []
  for (let round = 0; round < 30; round++) {
    const other = openTab()
    others.push({ tab: other, seen: watchRun(other) })
    if (round % 3 === 2) others.splice(0, 1)[0]?.tab.close()
    revision += 1
    live.send(patchEvent({ revision, progress: revision }))
    await Promise.all(others.map(({ seen }) => seen.until(({ run }) => run?.revision === revision)))
  }
  assert.equal(server.streams.length, 1)
  tab.close()
  live = await server.next()
  assert.deepEqual(live.runs, [{ run: RUN, since: `e1-${revision}` }])
  live.send(patchEvent({ revision: 99, progress: 99 }))
  live.ready()
  await Promise.all(others.map(({ seen }) => seen.until((view) => view.run?.progress === 99 && isLive(view))))
})
