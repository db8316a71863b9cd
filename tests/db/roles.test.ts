import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import pg from 'pg'
import type { Logger } from '../../db/logger.ts'
import { migrate } from '../../db/migrate.ts'
import { ROLES } from '../../db/roles.ts'
import { startRun } from '../../db/runs.ts'
import { startWorker } from '../../worker/start.ts'
import { workflow } from '../../worker/workflow.ts'
import { execute, withDatabase } from '../support/database.ts'
import { temporaryFolder } from '../support/folder.ts'
import { startOwnPostgres } from '../support/postgres.ts'
import { finished } from '../support/wait.ts'

// A cluster that has never heard of Stepcast: its roles belong to all of its databases.
const folder = await temporaryFolder()
const postgres = await startOwnPostgres({ folder: join(folder.path, 'postgres'), durable: false })
after(async () => {
  await postgres.stop()
  await folder[Symbol.asyncDispose]()
})

async function query<Row extends pg.QueryResultRow>(url: string, sql: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client(url)
  await client.connect()
  return (await client.query<Row>(sql, values).finally(() => client.end())).rows
}

async function databaseOf(name: string, owner: string): Promise<string> {
  await execute(postgres.url, `create role ${owner} login password 'test'`)
  await execute(postgres.url, `create database ${name} owner ${owner}`)
  return as(withDatabase(postgres.url, name), owner)
}

function as(url: string, role: string): string {
  return Object.assign(new URL(url), { username: role, password: 'test' }).href
}

async function connected(connectionString: string, application_name: string) {
  const client = new pg.Client({ connectionString, application_name })
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  client.on('error', () => {}).on('end', resolve)
  await client.connect()
  return { ended, [Symbol.asyncDispose]: () => client.end() }
}

/** Keeps what is warned of. */
function listening(): { logger: Logger; warnings: string[] } {
  const warnings: string[] = []
  const warn = (_: object, message: string) => void warnings.push(message)
  return { logger: { debug: () => {}, info: () => {}, warn, error: warn }, warnings }
}

const greeting = workflow('greeting').step('greet', async ({ tx }) => {
  const { rows } = await tx.query<{ role: string }>('select session_user as role')
  return rows[0]?.role
})

/** What a run gives that `owner` starts and a worker of `login` drives. */
async function runBy(owner: string, login: string): Promise<unknown> {
  await using _ = await startWorker({ workflows: [greeting], databaseUrl: login })
  const pool = new pg.Pool({ connectionString: owner })
  const { id } = await startRun(pool, { tenant: 'default', actor: 'test', workflow: 'greeting', input: {} })
  const { output } = await finished(owner, id)
  await pool.end()
  return output
}

test('who may not create roles is told so, and everything works for the owner; once there are roles, they get their grants', async () => {
  const owner = await databaseOf('plain', 'plain_owner')
  const { logger, warnings } = listening()
  await migrate(owner, { logger })
  assert.match(warnings.join('\n'), /may not create roles.*create role stepcast_owner; .*create role stepcast_reader;/)
  assert.deepEqual((await migrate(owner, { logger })).pending, [])
  assert.equal(await runBy(owner, owner), 'plain_owner')

  for (const role of ROLES) await execute(postgres.url, `create role ${role}`)
  await execute(postgres.url, "create role plain_worker login password 'test' in role stepcast_worker")
  assert.deepEqual((await migrate(owner, { logger })).pending, ['functions, triggers, views and rights'])
  assert.equal(warnings.length, 1)
  assert.equal(await runBy(owner, as(owner, 'plain_worker')), 'plain_worker')

  await using life = await connected(as(owner, 'plain_worker'), 'stepcast worker left over')
  const end = () => query(owner, "select stepcast.end_sessions('stepcast worker left over') as done")
  await execute(postgres.url, 'grant pg_read_all_stats to plain_owner')
  assert.deepEqual(await end(), [{ done: false }], 'it sees the session, and may not end it')
  await execute(postgres.url, 'grant pg_signal_backend to plain_owner')
  assert.deepEqual(await end(), [{ done: true }])
  await life.ended

  await execute(withDatabase(postgres.url, 'plain'), `drop owned by ${ROLES.join(', ')}`)
  for (const role of ROLES) await execute(postgres.url, `drop role ${role}`)
})

test('many databases of a cluster without the roles are migrated at once', async () => {
  const urls = ['one', 'two', 'shop'].map((name) => withDatabase(postgres.url, name))
  for (const name of ['one', 'two', 'shop']) await execute(postgres.url, `create database ${name}`)
  await Promise.all(urls.map((url) => migrate(url)))
  for (const url of urls) {
    const [{ granted }] = (await query<{ granted: boolean }>(
      url,
      `select bool_and(has_schema_privilege(role, 'stepcast', 'usage')) as granted from unnest($1::text[]) role`,
      [ROLES],
    )) as [{ granted: boolean }]
    assert.ok(granted)
  }
})

test('the commands of docs/security-sql.md run as they are printed', async () => {
  const shop = withDatabase(postgres.url, 'shop')
  const page = await readFile(new URL('../../docs/security-sql.md', import.meta.url), 'utf8')
  const blocks = [...page.matchAll(/```sql\n(.*?)```/gs)].map(([, sql]) => sql ?? '')
  assert.equal(blocks.length, 4)
  for (const sql of blocks) await execute(shop, sql)
  const reports = Object.assign(new URL(shop), { username: 'shop_reports', password: 'me as well' }).href
  assert.deepEqual(await query(reports, 'select stepcast.session_tenants() as tenants'), [{ tenants: ['default'] }])
})

test('where somebody else owns Graphile Worker’s tables, migrate says what workers need', async () => {
  const owner = await databaseOf('beside', 'beside_owner')
  const superuser = withDatabase(postgres.url, 'beside')
  await execute(
    superuser,
    'create schema theirs; create table theirs._private_jobs (); alter table theirs._private_jobs enable row level security',
  )
  const { logger, warnings } = listening()
  await migrate(owner, { graphileSchema: 'theirs', logger })
  assert.match(warnings.join('\n'), /belong to another role/)
  await query(superuser, 'select stepcast.open_graphile()')
})

test('where a lesser role owns Graphile Worker’s tables, migrate says what it can do by that', async () => {
  const lesser = await databaseOf('lesser', 'lesser_owner')
  await execute(lesser, 'create schema theirs; create table theirs._private_jobs ()')
  const { logger, warnings } = listening()
  await migrate(withDatabase(postgres.url, 'lesser'), { graphileSchema: 'theirs', logger })
  assert.match(warnings.join('\n'), /another role, which can thereby do whatever the owner of Stepcast can/)
})

test('where the role that migrates owns Graphile Worker’s tables too, or a superuser does, there is no warning', async () => {
  const urls = [await databaseOf('own', 'own_owner'), withDatabase(postgres.url, 'lone')]
  await execute(postgres.url, 'create database lone')
  for (const url of urls) {
    const { logger, warnings } = listening()
    await migrate(url, { logger })
    assert.deepEqual(warnings, [])
  }
})
