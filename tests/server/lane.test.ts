import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLane } from '../../server/hub/lane.ts'

const noFailure = (error: unknown) => assert.fail(String(error))

/** Work that ends when it is told to, and the next beginning of it. */
function openWork() {
  let begun = Promise.withResolvers<void>()
  let current = Promise.withResolvers<void>()
  const counter = { started: 0 }
  const work = () => {
    counter.started += 1
    begun.resolve()
    begun = Promise.withResolvers()
    current = Promise.withResolvers()
    return current.promise
  }
  return {
    work,
    counter,
    next: () => begun.promise,
    end: () => current.resolve(),
    fail: () => current.reject(new Error('no')),
  }
}

test('the first piece of work starts in this tick', async () => {
  const { work, counter, end } = openWork()
  const lane = createLane(work, noFailure)
  lane.wake()
  await Promise.resolve().then(() => {})
  assert.equal(counter.started, 1)
  end()
  await lane.stop()
})

test('what is asked for while work is under way is done once, right after it', async () => {
  const { work, counter, next, end } = openWork()
  const lane = createLane(work, noFailure)
  lane.wake()
  await next()
  for (let n = 0; n < 100; n++) lane.wake()
  const second = next()
  end()
  await second
  assert.equal(counter.started, 2)
  end()
  await lane.stop()
  assert.equal(counter.started, 2)
})

test('work that fails is done again, unasked', async () => {
  const { work, next, end, fail } = openWork()
  const failures: unknown[] = []
  const lane = createLane(work, (error) => failures.push(error))
  lane.wake()
  await next()
  const second = next()
  fail()
  await second
  assert.equal(failures.length, 1)
  end()
  await lane.stop()
})

test('after stop() nothing starts, and what is under way is waited for', async () => {
  const { work, counter, next, end } = openWork()
  const lane = createLane(work, noFailure)
  lane.wake()
  await next()
  lane.wake()
  const stopped = lane.stop().then(() => 'stopped')
  assert.equal(await Promise.race([stopped, Promise.resolve('waiting')]), 'waiting')
  end()
  assert.equal(await stopped, 'stopped')
  lane.wake()
  await Promise.resolve()
  assert.equal(counter.started, 1)
})
