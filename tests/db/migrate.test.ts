import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, test } from 'node:test'
import pg from 'pg'
import { silent } from '../../db/logger.ts'
import { migrate } from '../../db/migrate.ts'
import { startWorker } from '../../worker/start.ts'
import { type Workflow, workflow } from '../../worker/workflow.ts'
import { createDatabase, execute, withDatabase } from '../support/database.ts'
import { size } from '../support/size.ts'

const emptied: string[] = []
const { url } = await createDatabase()

async function emptyDatabase(): Promise<string> {
  const name = `empty_${randomUUID().slice(0, 8)}`
  emptied.push(name)
  await execute(url, `create database ${name} template template0`)
  return withDatabase(url, name)
}

after(async () => {
  for (const name of emptied) await execute(url, `drop database ${name} with (force)`)
})

test('a worker on a database that was never migrated says what to run', async () => {
  const databaseUrl = await emptyDatabase()
  await assert.rejects(
    startWorker({ workflows: [workflow('any').step('work', () => {})], databaseUrl }),
    /Run: stepcast migrate/,
  )
})

test('a dry run names what it would apply and changes nothing', async () => {
  const empty = await emptyDatabase()
  const { pending } = await migrate(empty, { dryRun: true })
  assert.deepEqual(pending, [
    'graphile_worker',
    'migrations/001_tables.sql',
    'migrations/002_engine.sql',
    'migrations/003_history.sql',
    'migrations/004_faults.sql',
    'migrations/005_durations.sql',
    'migrations/006_siblings.sql',
    'migrations/007_cursor_key.sql',
    'migrations/008_epoch.sql',
    'migrations/009_deadlines.sql',
    'functions, triggers, views and rights',
  ])
  assert.deepEqual((await migrate(empty, { dryRun: true })).pending, pending)
})

test('an empty schema that was made for Graphile Worker beforehand is filled', async () => {
  const empty = await emptyDatabase()
  await execute(empty, 'create schema graphile_worker')
  const { pending } = await migrate(empty)
  assert.equal(pending[0], 'graphile_worker')
  await execute(empty, 'select from graphile_worker._private_jobs')
})

test('an up-to-date database is left alone', async () => {
  const empty = await emptyDatabase()
  await migrate(empty)
  assert.deepEqual((await migrate(empty)).pending, [])
})

test('a database of a newer version is left alone, and said to be one', async () => {
  await using database = await createDatabase()
  await execute(database.url, "insert into stepcast.migrations values ('migrations/999_later.sql', 'x')")
  await execute(database.url, 'create function stepcast.later() returns void language sql begin atomic; end')
  await assert.rejects(migrate(database.url), /belongs to a newer Stepcast: it has migrations\/999_later\.sql/)
  await execute(database.url, 'select stepcast.later()')
})

test('a migration whose file was changed after it was applied is named, with what to do, and that mends it', async () => {
  await using database = await createDatabase()
  await execute(database.url, "update stepcast.migrations set hash = 'older' where name = 'migrations/002_engine.sql'")
  let mends = ''
  await assert.rejects(migrate(database.url), ({ message, hint }: Error & { hint: string }) => {
    mends = /update stepcast\.migrations .*;$/.exec(hint)?.[0] ?? ''
    return /changed since it was applied to this database: migrations\/002_engine\.sql$/.test(message)
  })
  await execute(database.url, mends)
  assert.deepEqual((await migrate(database.url)).pending, [])
})

test('a dump that was restored without its rights gets them', async () => {
  await using database = await createDatabase()
  await execute(database.url, 'revoke all on schema stepcast from stepcast_worker')
  assert.deepEqual((await migrate(database.url)).pending, ['functions, triggers, views and rights'])
  await execute(database.url, "do $$ begin assert has_schema_privilege('stepcast_worker', 'stepcast', 'usage'); end $$")
})

test('a database that was restored without its data is refused, and said to be one', async () => {
  const empty = await emptyDatabase()
  await migrate(empty)
  // As `pg_dump --schema-only` leaves it.
  await execute(empty, 'truncate stepcast.migrations, stepcast.chores, graphile_worker.migrations')
  for (const dryRun of [true, false]) await assert.rejects(migrate(empty, { dryRun }), /a dump of its schema alone$/)
})

test('a database that cannot hold every character is refused', async () => {
  const admin = process.env.STEPCAST_TEST_DATABASE_URL ?? ''
  const name = `latin_${process.pid}`
  await execute(admin, `create database ${name} encoding 'LATIN1' locale 'C' template template0`)
  await assert.rejects(migrate(withDatabase(admin, name)), /encoding is LATIN1, and Stepcast needs UTF8/)
  await execute(admin, `drop database ${name}`)
})

test('five processes at once apply everything once', async () => {
  const empty = await emptyDatabase()
  const results = await Promise.all(Array.from({ length: 5 }, () => migrate(empty)))
  assert.equal(results.filter(({ pending }) => pending.length > 0).length, 1)
})

test('a migration waits for another one and says so; a dry run says that one is under way, and waits for nobody', async () => {
  await using database = await createDatabase()
  const other = new pg.Client(database.url)
  await other.connect()
  await other.query("select pg_advisory_lock(hashtextextended('stepcast.migrate', 0))")
  await assert.rejects(migrate(database.url, { dryRun: true }), /a migration of this database is under way/)
  const { promise: warning, resolve } = Promise.withResolvers<string>()
  const waiting = migrate(database.url, { logger: { ...silent, warn: (_, message) => resolve(message) } })
  assert.match(await warning, /another migration .* waiting for its end/)
  await other.end()
  assert.deepEqual((await waiting).pending, [])
})

test('a transaction that holds a table for too long is what is told, and what to do about it', async () => {
  await using database = await createDatabase()
  await execute(database.url, "update stepcast.migrations set hash = '' where name not like 'migrations/%'")
  const holder = new pg.Client(database.url)
  await holder.connect()
  await holder.query('begin; select from stepcast.runs')
  await assert.rejects(migrate(database.url), {
    message: /another transaction holds a table that the migration needs/,
    hint: /pg_stat_activity.*migrate again\. Nothing was changed\.$/,
  })
  await holder.end()
  assert.deepEqual((await migrate(database.url)).pending, ['functions, triggers, views and rights'])
})

test('a database of an older version is brought up to date, whatever its functions looked like', async () => {
  const empty = await emptyDatabase()
  await migrate(empty)
  await execute(
    empty,
    `drop view stepcast.stuck_runs;
     drop function stepcast.task_name;
     create function stepcast.task_name(workflow text, version text) returns integer language sql as 'select 1';
     create view stepcast.stuck_runs as select stepcast.task_name('a', 'b') as id;
     create function stepcast.title(a integer) returns integer language sql as 'select 1';
     drop function stepcast.title(text);
     create function stepcast.long_gone() returns integer language sql as 'select 1';
     update stepcast.migrations set hash = 'older' where name = 'functions, triggers, views and rights'`,
  )
  assert.deepEqual((await migrate(empty)).pending, ['functions, triggers, views and rights'])
  await execute(
    empty,
    `select 1 / (stepcast.title('a_b') = 'A b' and to_regproc('stepcast.long_gone') is null)::integer;
     select why from stepcast.stuck_runs`,
  )
})

test('a database whose workers are busy is brought up to date at once', async () => {
  const steps = ['first', 'second', 'third']
  const busy = steps.reduce<Workflow>((made, step) => made.step(step, () => {}), workflow('busy'))
  await using _ = await startWorker({ workflows: [busy], databaseUrl: url, concurrency: 10 })
  const pool = new pg.Pool({ connectionString: url, max: 5 })
  const { rows } = await pool.query<{ run: string }>("select stepcast.start_run('busy') as run")
  const run = rows[0]?.run
  let isOver = false
  const starters = Array.from({ length: 3 }, async () => {
    while (!isOver) await pool.query("select stepcast.start_run('busy')")
  })
  const readers = Array.from({ length: 2 }, async () => {
    const given = ['bigint', 'bigint', 'boolean', 'boolean'].map((type) => `array_fill(null::${type}, '{1}')`)
    while (!isOver) await pool.query(`select from stepcast.read_changes($1, ${given})`, [[run]])
  })
  const warnings: unknown[] = []
  const logger = { ...silent, warn: (_: object, message: string) => warnings.push(message) }
  try {
    for (let time = 0; time < size(1, 10); time++) {
      await pool.query("update stepcast.migrations set hash = 'older' where name like 'functions%'")
      await migrate(url, { logger })
    }
  } finally {
    isOver = true
    await Promise.all([...starters, ...readers])
    await pool.end()
  }
  assert.deepEqual(warnings, [])
})

test('every function compiles with its body checked', async () => {
  const client = new pg.Client(url)
  await client.connect()
  try {
    const { rows } = await client.query<{ definition: string }>(
      `select pg_get_functiondef(p.oid) as definition
       from pg_proc p
       where p.pronamespace = 'stepcast'::regnamespace`,
    )
    assert.ok(rows.length > 50)
    for (const { definition } of rows) await client.query(definition)
  } finally {
    await client.end()
  }
})

test('every function that turns off kinds of plans turns off JIT, which up to PostgreSQL 17 would compile them each time', async () => {
  const client = new pg.Client(url)
  await client.connect()
  try {
    const { rows } = await client.query<{ name: string; jit: boolean }>(
      `select p.proname as name, 'jit=off' = any (p.proconfig) as jit
       from pg_proc p
       where p.pronamespace = 'stepcast'::regnamespace
         and p.proconfig::text ~ 'enable_[a-z]+=off'`,
    )
    assert.ok(rows.length > 5)
    assert.deepEqual(
      rows.filter(({ jit }) => !jit),
      [],
    )
  } finally {
    await client.end()
  }
})

test('every function that can be called by others pins its search_path', async () => {
  const client = new pg.Client(url)
  await client.connect()
  try {
    const { rows } = await client.query(
      `select p.proname
       from pg_proc p
       where p.pronamespace = 'stepcast'::regnamespace
         and p.prosecdef
         and not coalesce(p.proconfig::text, '') ~ 'search_path=pg_catalog, (graphile_worker, )?pg_temp'`,
    )
    assert.deepEqual(rows, [])
  } finally {
    await client.end()
  }
})
