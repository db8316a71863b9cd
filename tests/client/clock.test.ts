import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServerClock } from '../../client/clock.ts'
import { everyTick } from '../../client/ticker.ts'

const iso = (ms: number) => new Date(ms).toISOString()

test('a browser whose clock is wrong by an hour still tells the server’s time', () => {
  let local = 1_000_000
  const clock = new ServerClock(() => local)
  clock.observe(iso(local + 3_600_000))
  local += 5_000
  assert.equal(clock.now(), local + 3_600_000)
})

test('the answer with the least latency counts', () => {
  const local = 1_000_000
  const clock = new ServerClock(() => local)
  for (const latency of [800, 20, 3_000]) clock.observe(iso(local - latency))
  assert.equal(clock.now(), local - 20)
})

test('a clock that was set is believed again after a while', () => {
  let local = 1_000_000
  const clock = new ServerClock(() => local)
  clock.observe(iso(local))
  local += 60_000
  for (let times = 0; times < 40; times++) clock.observe(iso(local - 60_000))
  assert.equal(clock.now(), local - 60_000)
})

test('no time is negative', () => {
  const clock = new ServerClock(() => 1_000)
  assert.equal(clock.since(iso(5_000)), 0)
})

test('what is no time is passed over', () => {
  const clock = new ServerClock(() => 1_000)
  clock.observe('soon')
  assert.equal(clock.now(), 1_000)
})

test('the ticker goes on when the machine’s clock is set back', async (t) => {
  const ticked = Promise.withResolvers<void>()
  const stop = everyTick(1, ticked.resolve)
  const now = Date.now()
  t.mock.method(Date, 'now', () => now - 3_600_000)
  await ticked.promise
  stop()
})

test('the ticker stops for whoever leaves, and goes on for the others', async () => {
  let first = 0
  const stopFirst = everyTick(2, () => {
    first++
  })
  await new Promise<void>((resolve) => {
    let ticks = 0
    const stop = everyTick(5, () => {
      ticks++
      if (ticks === 2) stopFirst()
      if (ticks < 4) return
      stop()
      resolve()
    })
  })
  const reached = first
  await new Promise((resolve) => setTimeout(resolve, 15))
  assert.equal(first, reached)
})
