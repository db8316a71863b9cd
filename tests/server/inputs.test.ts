import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { z } from 'zod'
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
