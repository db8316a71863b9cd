import assert from 'node:assert/strict'
import { test } from 'node:test'
import type pg from 'pg'
import { useDatabase } from '../support/fixture.ts'
import { attempt, makeRuns, NOWHERE, OTHER, OWN, registerJob, useLogins, type Who } from './tenants.ts'

const db = await useDatabase()
await registerJob(db)
const runs = { [OWN]: await makeRuns(db, OWN), [OTHER]: await makeRuns(db, OTHER) }
const logins = await useLogins(db)

const client = (who: Who) => logins.get(who) as pg.Client
const WHO: Who[] = ['reader', 'writer', 'worker', 'server', 'owner', 'stranger', 'nobody']
const READABLE = ['runs', 'steps', 'attempts', 'journal', 'logs']
const VIEWS = ['run_progress', 'run_summaries', 'step_stats', 'workflow_stats', 'stuck_runs']
const STATS = ["step_stats_since('-infinity')", "workflow_stats_since('-infinity')"]
/** What a login may try to be taken for somebody else. */
const DISGUISES = [
  '',
  `set stepcast.tenant = '${OTHER}'`,
  `set local stepcast.tenant = '${OTHER}'; set local stepcast.actor = 'postgres'`,
  'set local row_security = off',
]

type Sight = 'rows' | 'none' | 'denied'

/** What somebody sees of a tenant in a relation that people may read. */
function sight(who: Who, tenant: string, disguise: string): Sight {
  if (who === 'nobody' || who === 'worker') return 'denied'
  // Postgres refuses a query for which there is a policy.
  if (disguise.includes('row_security')) return 'denied'
  if (who === 'owner') return 'rows'
  // The server is believed what it says, and sees nothing before it does.
  if (who === 'server') return disguise.includes('stepcast.tenant') && tenant === OTHER ? 'rows' : 'none'
  return who !== 'stranger' && tenant === OWN ? 'rows' : 'none'
}

async function look(who: Who, relation: string, tenant: string, disguise: string): Promise<Sight | string> {
  const sql = `select from stepcast.${relation} x where x.tenant = $1`
  const { code, rowCount } = await attempt(client(who), sql, [tenant], disguise)
  return code === '42501' ? 'denied' : (code ?? (rowCount > 0 ? 'rows' : 'none'))
}

for (const who of WHO)
  test(`${who} sees of each tenant, in every table, view and function, what it may, whatever it sets`, async () => {
    for (const relation of [...READABLE, ...VIEWS, ...STATS])
      for (const tenant of [OWN, OTHER])
        for (const disguise of DISGUISES)
          assert.equal(
            await look(who, relation, tenant, disguise),
            sight(who, tenant, disguise),
            `${relation} of ${tenant}, ${disguise}`,
          )
  })

test('a reader finds runs by the index that begins with the tenant', async () => {
  const { rows } = await attempt(
    client('reader'),
    "explain select from stepcast.runs where status = 'failed'",
    [],
    'set local enable_seqscan = off; set local enable_bitmapscan = off',
  )
  assert.match(
    rows.map((row) => row['QUERY PLAN']).join(' '),
    /using runs_by_(status|workflow) .*Index Cond: \(\(tenant = ANY/,
  )
})

test('the superuser and the owner of the tables see everything, whatever was set', async () => {
  for (const relation of [...READABLE, ...VIEWS, ...STATS])
    assert.equal((await db.rows(`select distinct tenant from stepcast.${relation} x`)).length, 2, relation)
})

test('the stuck steps of a tenant are shown to its readers alone', async () => {
  await db.rows("update stepcast.steps set stuck_after = 1, revision = revision + 1 where step = 'now'")
  const seen = async (who: Who) =>
    (await attempt(client(who), "select tenant from stepcast.stuck_runs where step = 'now'")).rows.map(
      ({ tenant }) => tenant,
    )
  assert.deepEqual(await seen('reader'), [OWN])
  const { rows } = await attempt(client('reader'), 'select run_id from stepcast.stuck_steps()')
  assert.deepEqual(rows, [{ run_id: runs[OWN].running }])
  assert.deepEqual(await seen('stranger'), [])
  assert.deepEqual((await seen('owner')).sort(), [OTHER, OWN].sort())
})

test('nobody but its owner reads what is Stepcast’s own', async () => {
  for (const who of WHO)
    for (const table of ['estimates', 'chores', 'epoch', 'migrations']) {
      const { code } = await attempt(client(who), `select from stepcast.${table}`)
      assert.equal(code, who === 'owner' ? null : '42501', `${who}: ${table}`)
    }
  for (const who of ['reader', 'writer', 'stranger'] as const) {
    const { rows } = await attempt(client(who), 'select distinct role = session_user as own from stepcast.role_tenants')
    assert.deepEqual(rows, who === 'stranger' ? [] : [{ own: true }])
    assert.equal((await attempt(client(who), 'select application_name from stepcast.workers')).code, '42501')
  }
})

test('no role but an administrator’s can become another one', async () => {
  for (const who of ['reader', 'writer', 'worker', 'server', 'stranger', 'nobody'] as const)
    for (const role of ['stepcast_owner', 'stepcast_server', 'stepcast_worker', 'postgres']) {
      if (role === `stepcast_${who}`) continue
      assert.equal((await attempt(client(who), `set role ${role}`)).code, '42501', `${who} as ${role}`)
      assert.equal((await attempt(client(who), `set session authorization ${role}`)).code, '42501')
    }
})

/** Not allowed; a view that cannot be written to at all. */
const REFUSED = ['42501', '55000']

/** Statement, and who may say it of a run of its own; of another tenant's it touches no row, or is refused. */
const WRITES: [sql: string, allowed: Who[]][] = [
  ["update stepcast.steps set progress = 50, message = 'x' where run_id = $1 and step = 'now'", ['writer', 'owner']],
  ["update stepcast.steps set status = 'skipped' where run_id = $1 and step = 'next'", ['writer', 'owner']],
  [`update stepcast.runs set metadata = '{"a": 1}' where id = $1`, ['writer', 'owner']],
  ['update stepcast.runs set revision = revision + 1 where id = $1', []],
  [`update stepcast.runs set tenant = '${OWN}' where id = $1`, []],
  [`update stepcast.run_summaries set tenant = '${OWN}' where id = $1`, []],
  ["update stepcast.run_progress set status = 'failed' where id = $1", []],
  ["update stepcast.journal set actor = 'x' where run_id = $1", []],
  ['delete from stepcast.runs where id = $1', ['owner']],
  ['delete from stepcast.steps where run_id = $1', []],
  ['delete from stepcast.journal where run_id = $1', []],
  ['delete from stepcast.run_summaries where id = $1', []],
  ['delete from stepcast.logs where run_id = $1', []],
  [`insert into stepcast.journal (run_id, tenant, entry, actor, action) values ($1, '${OWN}', 99, 'x', 'x')`, []],
  [
    `insert into stepcast.logs (run_id, tenant, line, revision, at, level, message) values ($1, '${OWN}', 99, 1, now(), 'info', 'x')`,
    [],
  ],
  [`insert into stepcast.runs (id, workflow, workflow_version, display_name) select $1, 'x', 'x', 'x'`, []],
  ['insert into stepcast.role_tenants select session_user, tenant from stepcast.runs where id = $1', ['owner']],
]

test('plain writes reach the rows of one’s own tenants alone, and only those that are allowed', async () => {
  for (const [sql, allowed] of WRITES)
    for (const who of WHO)
      for (const [tenant, { running }] of [...Object.entries(runs), ['none', { running: NOWHERE }] as const])
        for (const disguise of DISGUISES.slice(0, 3)) {
          if (who === 'server' || (who === 'owner' && disguise)) continue
          const { code, rowCount } = await attempt(client(who), sql, [running], disguise)
          const place = `${who} of ${tenant}, ${disguise}: ${sql}`
          if (!allowed.includes(who)) assert.ok(code && REFUSED.includes(code), `${place}: ${code}`)
          else
            assert.deepEqual(
              [code, rowCount > 0],
              [null, tenant === OWN || (tenant === OTHER && who === 'owner')],
              place,
            )
        }
})

test('the journal is neither deleted nor emptied, by the superuser’s mistake neither; a purge erases it with its runs', async () => {
  for (const sql of [
    'delete from stepcast.journal',
    'truncate stepcast.journal',
    "update stepcast.journal set actor = 'x'",
  ]) {
    await assert.rejects(db.rows(sql), { code: 'SC004' })
    for (const who of WHO) assert.equal((await attempt(client(who), sql)).code, '42501', `${who}: ${sql}`)
  }
  await db.rows("select stepcast.purge_runs('0 seconds')")
  assert.equal(
    await db.value('select count(*)::integer from stepcast.journal where run_id = $1', [runs[OTHER]?.finished]),
    0,
  )
})
