import assert from 'node:assert/strict'
import { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { after, mock, test } from 'node:test'
import { Heart } from '../../server/hub/heart.ts'
import { Watcher } from '../../server/hub/watcher.ts'

const SECOND = 1_000

/** Of one watcher beyond a simulated network: when it was written to and when that was a beat, in milliseconds. */
interface Heard {
  watcher: Watcher
  words: number[]
  beats: number[]
}

const clock = { now: 0 }
mock.timers.enable({ apis: ['setInterval'] })
after(() => mock.reset())

function makeWatcher(): Heard {
  const [words, beats] = [[], []] as [number[], number[]]
  const network = new Duplex({
    read: () => {},
    write: (chunk, _encoding, done) => {
      words.push(clock.now)
      if (`${chunk}`.includes(': beat')) beats.push(clock.now)
      done()
    },
  })
  const res = new ServerResponse(new IncomingMessage(network as Socket))
  res.assignSocket(network as Socket)
  const watcher = new Watcher(res, { endsWithRun: false })
  watcher.write(Buffer.from('hello'))
  return { watcher, words, beats }
}

/** Lets time pass, a quarter of a second at once. */
function pass(seconds: number, each: () => void): void {
  for (const end = clock.now + seconds * SECOND; clock.now < end; ) {
    each()
    clock.now += SECOND / 4
    mock.timers.tick(SECOND / 4)
  }
}

/** The longest time without a word, in seconds. */
function longestSilence({ words }: Heard): number {
  return Math.max(...[...words, clock.now].map((at, index, times) => at - (times[index - 1] ?? at))) / SECOND
}

test('whoever nothing is written to hears a beat within 15 seconds, a few at a time; whoever hears something else hears none', () => {
  const all = Array.from({ length: 100 }, makeWatcher)
  const heart = new Heart()
  for (const { watcher } of all) heart.add(watcher)
  const [busy, quiet] = [all.slice(0, 10), all.slice(10)]
  pass(120, () => {
    for (const { watcher } of busy) watcher.write(Buffer.from('news'))
  })
  heart.stop()
  for (const { beats } of busy) assert.deepEqual(beats, [])
  for (const heard of quiet) {
    assert.ok(longestSilence(heard) <= 15, `${longestSilence(heard)} s`)
    assert.ok(heard.beats.length < 10, `${heard.beats.length} beats in two minutes`)
  }
  const together = Map.groupBy(
    quiet.flatMap(({ beats }) => beats),
    (at) => at,
  )
  for (const { length } of together.values()) assert.ok(length <= 8, `${length} beats at once`)
})

test('whoever is alone hears no more of them, nor do few, nor one beside whom thousands come or go', () => {
  const heart = new Heart()
  const few = Array.from({ length: 3 }, makeWatcher)
  for (const { watcher } of few) heart.add(watcher)
  pass(40, () => {})
  const leaving = Array.from({ length: 3_000 }, () => makeWatcher().watcher)
  for (const watcher of leaving) heart.add(watcher)
  pass(40, () => {})
  for (const watcher of leaving) heart.remove(watcher)
  pass(40, () => {})
  heart.stop()
  for (const heard of few) {
    assert.ok(longestSilence(heard) <= 15, `${longestSilence(heard)} s`)
    assert.ok(heard.beats.length < 10, `${heard.beats.length} beats in two minutes`)
  }
})

test('also where a proxy cuts everyone every 30 seconds, so that some always come and go', () => {
  const all: Heard[] = []
  const open: Watcher[] = []
  const heart = new Heart()
  pass(120, () => {
    for (let n = 0; n < 10; n++) {
      const heard = makeWatcher()
      all.push(heard)
      heart.add(heard.watcher)
      open.push(heard.watcher)
    }
    for (const watcher of open.splice(0, open.length - 10 * 4 * 30)) heart.remove(watcher)
  })
  heart.stop()
  const longest = Math.max(...all.slice(-10 * 4 * 30).map(longestSilence))
  assert.ok(longest <= 15, `${longest} s`)
})
