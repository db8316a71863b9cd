import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { startRun } from '../../db/runs.ts'
import { Secrets } from '../../worker/secrets.ts'
import { startWorker } from '../../worker/start.ts'
import { workflow } from '../../worker/workflow.ts'
import { useDatabase } from '../support/fixture.ts'
import { finished } from '../support/wait.ts'

const db = await useDatabase()
const TOKEN = 'gh_"token"/of mine'
const FORMS = [TOKEN, JSON.stringify(TOKEN).slice(1, -1), encodeURIComponent(TOKEN)]
let seen: unknown

const careful = workflow('careful')
  .step('use', async (ctx) => {
    seen = ctx.secret(TOKEN)
    ctx.report(10, { en: `With ${TOKEN}`, de: `Mit ${TOKEN}` }, { url: `https://x/?key=${encodeURIComponent(TOKEN)}` })
    ctx.report(10, undefined, { [`https://x/?key=${encodeURIComponent(TOKEN)}`]: 'seen' })
    ctx.log(`curl -H ${JSON.stringify(TOKEN)}`)
    await ctx.substep('part', (sub) => {
      sub.log(`again ${TOKEN}`)
      return { kept: TOKEN, beside: 'plain', number: 1, [TOKEN]: [{ [`of ${TOKEN}`]: null }] }
    })
    return { token: TOKEN, length: TOKEN.length }
  })
  .step('fail', () => {
    throw new Error(`refused ${TOKEN}`, { cause: new Error(`by ${encodeURIComponent(TOKEN)}`) })
  })

test('a secret is masked wherever a text of the run is kept or told, in each of its forms', async () => {
  const told: string[] = []
  const tell = (context: object, message: string) => told.push(JSON.stringify(context), message)
  const logger = { debug: tell, info: tell, warn: tell, error: tell }
  await using _ = await startWorker({ workflows: [careful], databaseUrl: db.url, logger })
  const { id } = await startRun(db.pool, { tenant: 'default', actor: 'test', workflow: 'careful', input: {} })
  assert.equal((await finished(db.url, id)).error, 'refused •••')
  assert.equal(seen, TOKEN)
  const kept = await db.rows<{ row: string }>(
    `select to_json(r)::text as row from stepcast.runs r where id = $1
     union all select to_json(s)::text from stepcast.steps s where run_id = $1
     union all select to_json(a)::text from stepcast.attempts a where run_id = $1
     union all select to_json(j)::text from stepcast.journal j where run_id = $1
     union all select to_json(l)::text from stepcast.logs l where run_id = $1`,
    [id],
  )
  const texts = [...kept.map(({ row }) => row), ...told]
  for (const form of FORMS) {
    // A row is JSON: what is in it is escaped once more.
    const escaped = JSON.stringify(form).slice(1, -1)
    assert.deepEqual(
      texts.filter((text) => text.includes(form) || text.includes(escaped)),
      [],
    )
  }
  const steps = await db.rows(
    'select step, output, message, metadata from stepcast.steps where run_id = $1 order by id',
    [id],
  )
  assert.deepEqual(
    steps.filter(({ step }) => step !== 'fail'),
    [
      {
        step: 'use',
        output: { token: '•••', length: TOKEN.length },
        message: 'With •••',
        metadata: { url: 'https://x/?key=•••', 'https://x/?key=•••': 'seen' },
      },
      {
        step: 'part',
        output: { kept: '•••', beside: 'plain', number: 1, '•••': [{ 'of •••': null }] },
        message: null,
        metadata: {},
      },
    ],
  )
})

for (const secret of [`it's "quoted"`, `all of '"\``, 'lines\n\x1b[1mof a key\\', 'x'.repeat(20_000)]) {
  test(`a secret is masked in what is printed of an object that was thrown: ${inspect(secret.slice(0, 20))}`, async () => {
    const printing = workflow('printing').step('throw', (ctx) => {
      throw { used: [ctx.secret(secret)], beside: `'"\`${secret}` }
    })
    await using _ = await startWorker({ workflows: [printing], databaseUrl: db.url })
    const { id } = await startRun(db.pool, { tenant: 'default', actor: 'test', workflow: 'printing', input: {} })
    assert.match(String((await finished(db.url, id)).error), /^\{ used: \[ .•••. \], beside: '\\'"`•••' \}$/)
  })
}

for (const secret of ['ab+/cd==', 'Hunter2!', "it's (me) ~ *", 'p$ss&w,rd', 'pass wörd/%41', '\n\n\n\n']) {
  test(`a secret is masked in each part of a URL that holds it: ${inspect(secret)}`, async () => {
    const linking = workflow('linking').step('throw', (ctx) => {
      const url = new URL('https://host/path')
      url.password = ctx.secret(secret)
      url.searchParams.set('key', secret)
      const plain = new URL(`https://host/?${secret.trim()}`)
      throw new Error(`401 for ${url} by ${plain}, ${encodeURI(secret)} or ${encodeURIComponent(secret)}`)
    })
    await using _ = await startWorker({ workflows: [linking], databaseUrl: db.url })
    const { id } = await startRun(db.pool, { tenant: 'default', actor: 'test', workflow: 'linking', input: {} })
    assert.equal(
      (await finished(db.url, id)).error,
      `401 for https://:•••@host/path?key=••• by https://host/?${secret.trim() && '•••'}, ••• or •••`,
    )
  })
}

test('who prints what a handler is given shows nothing of the engine, nor where the database is', async () => {
  const printed: string[] = []
  const open = workflow('open')
    .step('step', async (ctx) => {
      printed.push(inspect(ctx, { depth: 9, showHidden: true }))
      await ctx.substep('part', (sub) => void printed.push(inspect(sub, { depth: 9, showHidden: true })))
    })
    .onEnd((end) => void printed.push(inspect(end, { depth: 9, showHidden: true })))
  await using _ = await startWorker({ workflows: [open], databaseUrl: db.url })
  const { id } = await startRun(db.pool, { tenant: 'default', actor: 'test', workflow: 'open', input: {} })
  await finished(db.url, id)
  assert.equal(printed.length, 3)
  for (const text of printed) assert.doesNotMatch(text, /postgres|Pool|Holding|password/)
})

test('what would be found in words that are none is refused as a secret', async () => {
  const hasty = workflow('hasty').step('use', (ctx) => ctx.secret('abc'))
  await using _ = await startWorker({ workflows: [hasty], databaseUrl: db.url })
  const { id } = await startRun(db.pool, { tenant: 'default', actor: 'test', workflow: 'hasty', input: {} })
  assert.match(
    String((await finished(db.url, id)).error),
    /a secret must be a string of at least 4 characters, not one of 3/,
  )
})

test('what a text holds of a few secrets or thousands is masked, and in a short one not each of them is searched for', () => {
  const naive = (text: string, secrets: string[]) =>
    secrets.toSorted((a, b) => b.length - a.length).reduce((masked, secret) => masked.replaceAll(secret, '•••'), text)
  const word = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 4, maxLength: 7 })
  const said = fc.string({ unit: fc.constantFrom('a', 'b', ' '), maxLength: 200 })
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 30 }), said, (words, text) => {
      const secrets = new Secrets()
      for (const secret of words) secrets.add(secret)
      assert.equal(secrets.mask?.(text), naive(text, words))
    }),
  )
  const many = new Secrets()
  const search = mock.method(String.prototype, 'replaceAll')
  for (let n = 0; n < 1_000; n++) {
    many.add(`token ${n} of ${n}`)
    const masked = many.mask?.(`token ${n} of ${n} was used`)
    assert.equal(masked, '••• was used')
  }
  search.mock.restore()
  assert.ok(search.mock.callCount() < 5_000, `${search.mock.callCount()} searches`)
})
