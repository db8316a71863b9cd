import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { z } from 'zod'
import { silent } from '../../db/logger.ts'
import { refuseUnstorable } from '../../server/body.ts'
import { Problem } from '../../server/problem.ts'
import { InputCheck } from '../../server/routes/input.ts'
import { eventsBody } from '../../server/routes/requests.ts'
import { registerWorkflows } from '../../worker/register.ts'
import { workflow } from '../../worker/workflow.ts'
import { openBench, post } from './bench.ts'

/** What JSON Schema would say more strictly, and an input of each that the worker takes. */
const TAKEN: Record<string, [z.ZodType, unknown]> = {
  'letters of all languages': [z.string().regex(/^\p{L}+$/u), 'Ada'],
  'either case': [z.string().regex(/^[a-z]+$/i), 'Ada'],
  'several lines': [z.string().regex(/^a.b$/s).regex(/b/), 'a\nb'],
  'a later place': [z.string().includes('b', { position: 1 }), 'a\n\nb'],
  emoji: [z.emoji(), '😀'],
  'an id that is no RFC UUID': [z.guid(), '01890000-0000-f000-0000-000000000000'],
  'an IPv4 address within IPv6': [z.ipv6(), '::ffff:192.0.2.1'],
  'a network of such addresses': [z.string().check(z.cidrv6()), '::ffff:192.0.2.0/120'],
  'an address with dashes': [z.mac({ delimiter: '-' }), '00-11-22-33-44-55'],
  'mail in all languages': [z.email({ pattern: z.regexes.unicodeEmail }), 'ä@b.de'],
  'a number as a text': [z.object({ count: z.coerce.number().min(1) }), { count: '3' }],
  'something else in place of what is wrong': [z.object({ count: z.number().catch(1) }), { count: 'x' }],
  'whether something else fits': [z.object({ named: z.success(z.string()) }), { named: 'Ada' }],
  'what is missing and then put in': [z.object({ name: z.preprocess((name) => name ?? 'x', z.string()) }), {}],
  'what is cut to size': [z.object({ name: z.string().trim().max(3).optional() }), { name: '  Ada  ' }],
  'what is rounded': [z.number().overwrite(Math.round).pipe(z.int()), 1.5],
  'names in either case': [z.record(z.string().regex(/^a/i), z.number()), { A: 1 }],
  'one of two that differ in what is not said': [z.xor([z.string().regex(/a/i), z.string().regex(/b/i)]), 'A'],
}

test('no input is refused that the worker takes, and what was said more strictly is left out alone', async () => {
  await using bench = await openBench()
  const db = new pg.Client(bench.databaseUrl)
  await db.connect()
  const names = Object.keys(TAKEN).map((_, index) => `taken_${index}`)
  const strict = z.object({
    name: z
      .string()
      .min(2)
      .regex(/^\p{L}/u),
    tags: z.array(z.coerce.number()).max(2),
    title: z.string().trim().min(1).max(3).optional(),
  })
  await registerWorkflows(db, [
    ...Object.values(TAKEN).map(([input], index) => workflow(`taken_${index}`, { input }).step('work', () => {})),
    workflow('strict', { input: strict }).step('work', () => {}),
  ])
  await db.end()
  for (const [index, [what, [schema, input]]] of Object.entries(TAKEN).entries()) {
    assert.ok(schema.safeParse(input).success, what)
    const { status, body } = await post(`${bench.url}/runs`, { workflow: names[index], input })
    assert.equal(status, 201, `${what}: ${body.detail}`)
  }
  for (const input of [
    { name: 'Ada' },
    { name: 'A', tags: [] },
    { name: 'Ada', tags: [1, '2', 3] },
    { name: 'Ada', tags: [], title: '' },
    'Ada',
  ])
    assert.equal((await post(`${bench.url}/runs`, { workflow: 'strict', input })).status, 422, JSON.stringify(input))
})

/** What is wrong with an input of a workflow that takes this. */
function errorsIn(input: unknown, schema: z.ZodType): { path: string }[] {
  const workflow = { name: 'large', version: '1', inputSchema: z.toJSONSchema(schema) }
  try {
    new InputCheck(silent).check(workflow as unknown as Parameters<InputCheck['check']>[0], input)
    return []
  } catch (error) {
    if (error instanceof Problem) return error.members.errors ?? []
    throw error
  }
}

/** An array, and which of its members somebody has looked at. */
function watched<T extends unknown[]>(array: T): [array: T, looked: Set<PropertyKey>] {
  const looked = new Set<PropertyKey>()
  return [new Proxy(array, { get: (all, name) => looked.add(name) && Reflect.get(all, name) }), looked]
}

test('a large input of which all is wrong is refused without a look at each member, and the answer stays short', () => {
  const wrong = Array<number>(300_000).fill(1)
  const [items, looked] = watched(wrong)
  const errors = errorsIn({ items }, z.object({ items: z.array(z.string()) }))
  assert.ok(errors.length > 0 && errors.length <= 100, `${errors.length}`)
  for (const { path } of errors) assert.match(path, /^input\.items\.\d+$/)
  assert.ok(looked.size < 1_000, `${looked.size} were looked at`)
  const both = z.union([z.string(), z.object({ name: z.string() })])
  assert.ok(
    errorsIn({ grid: Array(700).fill(Array(700).fill(1)) }, z.object({ grid: z.array(z.array(both)) })).length <= 100,
  )
  assert.ok(errorsIn(Object.fromEntries(Object.entries(wrong)), z.record(z.string(), z.string())).length <= 100)
})

test('what Postgres cannot keep is looked for in an array without a list of all its members', () => {
  let lists = 0
  const ownKeys = (array: object) => {
    lists++
    return Reflect.ownKeys(array)
  }
  const items = new Proxy([1, 'a', [2], '\0'], { ownKeys })
  assert.throws(() => refuseUnstorable({ items }), /items\.3: holds a NUL character/)
  assert.equal(lists, 0)
})

test('the first hundred that are wrong in a smaller input are named, and the only one in a large input', () => {
  const schema = z.object({ items: z.array(z.string()) })
  const errors = errorsIn({ items: Array(9_000).fill(1) }, schema)
  assert.deepEqual(
    errors.map(({ path }) => path),
    Array.from({ length: 100 }, (_, index) => `input.items.${index}`),
  )
  const [only, ...others] = errorsIn({ items: [...Array(200_000).fill('a'), 1] }, schema)
  assert.deepEqual([only?.path, others], ['input.items.200000', []])
})

test('a large input is not refused for what a sample of it lacks', () => {
  const member = z.object({ name: z.string(), tags: z.array(z.string()).min(40) })
  const few = z.array(z.string()).max(10)
  const schema = z.object({
    members: z.array(member).min(300),
    either: z.union([few, z.array(z.string()).min(500)]),
    fields: z.object(Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`field${index}`, z.string()]))),
  })
  const tags = Array<string>(50).fill('a')
  const fields = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`field${index}`, 'a']))
  const input = { members: Array(300).fill({ name: 'Ada', tags }), either: Array(600).fill('a'), fields }
  for (let times = 0; times < 50; times++) assert.deepEqual(errorsIn(input, schema), [])
})

test('of many wrong statuses that a list is asked for none is looked at', () => {
  const [statuses, looked] = watched(Array<number>(200_000).fill(1))
  assert.equal(eventsBody.safeParse({ runs: [{ status: statuses }] }).success, false)
  assert.ok(looked.size < 1_000, `${looked.size} were looked at`)
})
