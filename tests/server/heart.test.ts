import assert from 'node:assert/strict'
import { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { mock, test } from 'node:test'
import { Heart } from '../../server/heart.ts'
import { Watcher } from '../../server/watcher.ts'

const SECOND = 1_000

/** A watcher beyond a simulated network, and when it heard a beat, in seconds. */
function makeWatcher(clock: { now: number }): { watcher: Watcher; beats: number[] } {
  const beats: number[] = []
  const network = new Duplex({
    read: () => {},
    write: (chunk, _encoding, done) => {
      if (`${chunk}`.includes(': beat')) beats.push(clock.now)
      done()
    },
  })
  const res = new ServerResponse(new IncomingMessage(network as Socket))
  res.assignSocket(network as Socket)
  return { watcher: new Watcher(res, { endsWithRun: false }), beats }
}

test('whoever nothing is written to hears a beat within 15 seconds, a few at a time; whoever hears something else hears none', () => {
  mock.timers.enable({ apis: ['setInterval'] })
  const clock = { now: 0 }
  const all = Array.from({ length: 100 }, () => makeWatcher(clock))
  const heart = new Heart(new Set(all.map(({ watcher }) => watcher)))
  const busy = all.slice(0, 10)
  let most = 0
  let before = 0
  for (; clock.now < 120; clock.now += 0.25) {
    for (const { watcher } of busy) watcher.write(Buffer.from('news'))
    mock.timers.tick(SECOND / 4)
    const sum = all.reduce((total, { beats }) => total + beats.length, 0)
    most = Math.max(most, sum - before)
    before = sum
  }
  heart.stop()
  mock.timers.reset()
  for (const { beats } of busy) assert.deepEqual(beats, [])
  for (const { beats } of all.slice(10)) {
    const waits = [0, ...beats, clock.now].map((at, index, times) => at - (times[index - 1] ?? 0))
    assert.ok(Math.max(...waits) <= 15, JSON.stringify(beats))
    assert.ok(beats.length < 10, `${beats.length} beats in two minutes`)
  }
  assert.ok(most <= 8, `${most} beats at once`)
})
