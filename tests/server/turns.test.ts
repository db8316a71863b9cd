import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Turns } from '../../server/limits/turns.ts'
import { Problem } from '../../server/problem.ts'

const ada = { id: 'ada', tenant: 'blue' }
const bob = { id: 'bob', tenant: 'blue' }

/** Work that lasts until it is told to end. */
function begin(turns: Turns, who = ada) {
  const { promise: over, resolve: end, reject: fail } = Promise.withResolvers<void>()
  const { promise: started, resolve: start } = Promise.withResolvers<void>()
  const work = { started, end, fail, hasBegun: false, run: Promise.resolve() }
  work.run = turns.run(who, () => {
    work.hasBegun = true
    start()
    return over
  })
  return work
}

test('so many of one principal’s work at once, the others in their order, and nobody else waits', async () => {
  const turns = new Turns(2)
  const [first, second, third, fourth] = [begin(turns), begin(turns), begin(turns), begin(turns)]
  const other = begin(turns, bob)
  const all = [first, second, third, fourth, other]
  const begun = () => all.map(({ hasBegun }) => hasBegun)
  assert.deepEqual(begun(), [true, true, false, false, true])
  second.fail(new Error('broken'))
  await assert.rejects(second.run, /broken/)
  await third.started
  assert.deepEqual(begun(), [true, true, true, false, true])
  first.end()
  await fourth.started
  for (const { end } of all) end()
  await Promise.allSettled(all.map(({ run }) => run))
  const again = [begin(turns), begin(turns), begin(turns)]
  assert.deepEqual(
    again.map(({ hasBegun }) => hasBegun),
    [true, true, false],
  )
  for (const { end } of again) end()
  await Promise.all(again.map(({ run }) => run))
})

test('whose turn does not come is told so, and takes no place of those who wait on', async () => {
  const turns = new Turns(1, 20)
  const first = begin(turns)
  const late = begin(turns)
  await assert.rejects(late.run, (error) => error instanceof Problem && error.status === 429)
  const next = begin(turns)
  first.end()
  await next.started
  assert.equal(late.hasBegun, false)
  next.end()
  await next.run
})
