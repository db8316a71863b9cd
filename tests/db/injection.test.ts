import assert from 'node:assert/strict'
import { test } from 'node:test'
import type pg from 'pg'
import { useDatabase } from '../support/fixture.ts'
import { attempt, makeRuns, OTHER, OWN, registerJob, useLogins, type Who } from './tenants.ts'

const db = await useDatabase()
await registerJob(db)
const own = await makeRuns(db, OWN)
await makeRuns(db, OTHER)
const logins = await useLogins(db)
const client = (who: Who) => logins.get(who) as pg.Client

/** Taken for SQL, each would call what is not there (42883), be no SQL (42601), or show another tenant's rows. */
const TEXTS = [
  "'; select nosuch(); --",
  '"; select nosuch(); --',
  '$$; select nosuch(); $$',
  `' or tenant = '${OTHER}`,
  '%s %I %1$L %',
  "\\'; select nosuch() \\",
  '{a,b} ] } ( " \u202e \u001b[31m',
  "U&'\\0027' || nosuch() || E'\\''",
]

interface Argument {
  name: string
  type: string
}

interface Callable {
  name: string
  args: Argument[]
}

/** What a login may call, with the arguments that go in. */
async function callable(who: Who): Promise<Callable[]> {
  return db.rows<Callable & pg.QueryResultRow>(
    `select p.proname as name, (
       select json_agg(json_build_object('name', p.proargnames[i], 'type', format_type(t, null)) order by i)
       from unnest(p.proargtypes::oid[]) with ordinality a (t, i)
     ) as args
     from pg_proc p
     where p.pronamespace = 'stepcast'::regnamespace
       and p.pronargs > 0
       and has_function_privilege($1, p.oid, 'execute')`,
    [client(who).user],
  )
}

/** Something that the function takes, of the login's own; text is the text, in every place of a list or a document. */
function valueFor({ name, type }: Argument, text: string | null): unknown {
  const wanted =
    text ?? { workflow: 'job', tenant: OWN, level: 'info', step: 'now', key: 'a key' }[name.replace(/^p_/, '')] ?? 'any'
  const values: Record<string, unknown> = {
    text: wanted,
    'text[]': [wanted],
    jsonb: JSON.stringify(
      name === 'steps'
        ? [{ step: wanted, displayName: wanted }]
        : { [wanted]: wanted, workflow: wanted, status: wanted },
    ),
    'jsonb[]': [JSON.stringify({ [wanted]: wanted })],
    uuid: own.running,
    'uuid[]': [own.running],
    boolean: false,
    'boolean[]': [false],
    interval: '1 day',
    'timestamp with time zone': null,
    'timestamp with time zone[]': ['2026-01-01T00:00:00Z'],
  }
  return type in values ? values[type] : type.endsWith('[]') ? [1] : 1
}

const HOLDS_TEXT = /^(text|jsonb)/

for (const who of ['writer', 'server', 'worker'] as const)
  test(`text in an argument of any function that the ${who} may call stays text`, async () => {
    const functions = await callable(who)
    let calls = 0
    for (const { name, args } of functions)
      for (const [place] of args.entries())
        for (const text of HOLDS_TEXT.test(args[place]?.type ?? '') ? TEXTS : []) {
          const values = args.map((argument, index) => valueFor(argument, index === place ? text : null))
          const list = args.map(({ type }, index) => `$${index + 1}::${type}`).join(', ')
          const { code, message, rows } = await attempt(
            client(who),
            `select stepcast.${name}(${list})::text as answer`,
            values,
          )
          const said = `${name}, argument ${place + 1}, ${text}: ${code} ${message}`
          assert.ok(code === null || /^(SC|22|23)/.test(code), said)
          assert.ok(!JSON.stringify(rows).includes('a secret') || who !== 'writer', said)
          calls++
        }
    assert.ok(calls > 100, `only ${calls}`)
  })

test('what is written with such text is kept as it was, and nothing else is changed', async () => {
  const others = "select string_agg(r::text, '' order by id) from stepcast.runs r where tenant = $1"
  const before = await db.value(others, [OTHER])
  for (const text of TEXTS) {
    const { rows } = await client('writer').query(
      'select stepcast.open_run($1::text, jsonb_build_array($1::text), tenant => $2) as run',
      [text, OWN],
    )
    const run = rows[0]?.run
    await client('writer').query(
      'select stepcast.begin_step($1, $2::text), stepcast.report_step($1, $2::text, 5, $2::text), stepcast.log_line($1, $2::text, $3, $2::text)',
      [run, text, 'info'],
    )
    await client('writer').query('select stepcast.fail_step($1, $2, $2, $2)', [run, text])
    const [kept] = await db.rows(
      `select r.workflow, s.step, s.message, s.error, s.error_stack, l.message as line
       from stepcast.runs r join stepcast.steps s on s.run_id = r.id join stepcast.logs l on l.run_id = r.id where r.id = $1`,
      [run],
    )
    assert.deepEqual(kept, { workflow: text, step: text, message: text, error: text, error_stack: text, line: text })
  }
  assert.equal(await db.value(others, [OTHER]), before)
})

test('text in any setting stays text', async () => {
  const settings = 'tenant actor traceparent tracestate announces_later steps_to_follow erases_journal'.split(' ')
  for (const setting of settings)
    for (const text of TEXTS)
      for (const sql of [
        `select stepcast.open_run('any', '["a"]', tenant => '${OWN}')`,
        `select stepcast.cancel_run('${own.running}')`,
        `update stepcast.steps set message = 'x' where run_id = '${own.running}'`,
        'select from stepcast.run_progress',
      ]) {
        const { code, message } = await attempt(
          client('writer'),
          sql,
          [],
          `select set_config('stepcast.${setting}', $text$${text}$text$, true)`,
        )
        assert.ok(code === null || /^(SC|22)/.test(code), `${setting}, ${text}, ${sql}: ${code} ${message}`)
      }
})
