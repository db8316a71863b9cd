import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type pg from 'pg'
import { type Filter, newestListed } from '../../db/changes.ts'
import { type ListRunsOptions, listRuns } from '../../db/runs.ts'
import { useDatabase } from '../support/fixture.ts'

const MANY = process.env.STEPCAST_TEST_LONG ? 1_000_000 : 30_000
/** Entries of indexes and rows of the table that any page may read, of however many there are. */
const MOST_READ = 4_000

const db = await useDatabase()

// Past every trigger: what is asked is how lists read, not how runs come about. The oldest of a workflow has failed, all else is
// completed; every seventh run has a key of its own, and `nightly` has a seventh too.
before(async () => {
  const client = await db.pool.connect()
  await client.query('set session_replication_role = replica')
  await client.query(
    `insert into stepcast.runs (id, workflow, workflow_version, key, display_name, status, progress, error, started_at, completed_at)
     select
       (lpad(to_hex(n), 8, '0') || '-0000-7000-8000-000000000000')::uuid,
       case n % 50 when 0 then 'rare' else 'import' end,
       'v1',
       case n % 7 when 0 then 'order-' || n when 1 then 'nightly' end,
       'Import',
       case when n = 1 then 'failed' else 'completed' end,
       case when n = 1 then 0 else 100 end,
       case when n = 1 then 'no space' end,
       now(),
       now()
     from generate_series(1, $1::integer) n`,
    [MANY],
  )
  await client.query('reset session_replication_role')
  client.release()
})

/** Of the nth run. */
function id(n: number): string {
  return `${n.toString(16).padStart(8, '0')}-0000-7000-8000-000000000000`
}

const newest = (count: number, fits: (n: number) => boolean, below = MANY + 1) => {
  const found: string[] = []
  for (let n = below - 1; n > 0 && found.length < count; n--) if (fits(n)) found.push(id(n))
  return found
}

interface Read {
  ids: string[]
  next: string | null
  /** Entries of indexes and rows of the table, of stepcast.runs. */
  read: number
}

/** Counted by the connection since it last told the others. */
async function readBy(client: pg.PoolClient): Promise<number> {
  const { rows } = await client.query<{ read: string }>(
    `select sum(pg_stat_get_xact_tuples_returned(i.indexrelid)) + pg_stat_get_xact_tuples_returned('stepcast.runs'::regclass) as read
     from pg_index i
     where i.indrelid = 'stepcast.runs'::regclass`,
  )
  return Number(rows[0]?.read)
}

/** A page, and what the database read for it. */
async function page(options: Partial<ListRunsOptions>): Promise<Read> {
  const client = await db.pool.connect()
  try {
    await client.query('begin')
    const before = await readBy(client)
    const { runs, next } = await listRuns(client, { tenant: 'default', limit: 50, ...options })
    return { ids: runs.map((run) => run.id), next, read: (await readBy(client)) - before }
  } finally {
    await client.query('rollback')
    client.release()
  }
}

const isRare = (n: number) => n % 50 === 0
const pages: [name: string, options: Partial<ListRunsOptions>, expected: string[]][] = [
  ['all', {}, newest(50, () => true)],
  ['after another', { after: id(MANY / 2) }, newest(50, () => true, MANY / 2)],
  ['of one workflow', { workflow: 'rare' }, newest(50, isRare)],
  ['of a workflow in a status that only the oldest has', { workflow: 'import', statuses: ['failed'] }, [id(1)]],
  ['of a workflow in a status that none has', { workflow: 'rare', statuses: ['failed', 'running'] }, []],
  ['in some statuses', { statuses: ['running', 'failed'] }, [id(1)]],
  ['under a key', { key: `order-${7 * 700}` }, [id(7 * 700)]],
  ['found by the beginning of an id', { q: id(4_660).slice(0, 8).toUpperCase() }, [id(4_660)]],
  ['found by the whole id', { q: id(4_660), statuses: ['completed'] }, [id(4_660)]],
  ['found by a workflow’s name', { q: 'rar' }, newest(50, isRare)],
  ['found by a workflow’s name, in a status that none has', { q: 'rare', statuses: ['failed'] }, []],
  [
    'found by the beginning of a few keys',
    { q: 'order-490', limit: 200 },
    newest(200, (n) => n % 7 === 0 && `${n}`.startsWith('490')),
  ],
  ['found by nothing', { q: 'zebra' }, []],
  ['found by what only looks like an id', { q: '----' }, []],
  ['found by a beginning of many keys', { q: 'nightly' }, newest(50, (n) => n % 7 === 1)],
]

for (const [name, options, expected] of pages) {
  test(`a page ${name} is right, and costs the same however many runs there are`, async () => {
    const { ids, read } = await page(options)
    assert.deepEqual(ids, expected)
    assert.ok(read < MOST_READ, `${read} read`)
  })
}

test('where many keys begin so and few fit, pages come short but say where to go on, and none is missed', async () => {
  const options = { q: 'nightly', workflow: 'rare' }
  const found: string[] = []
  let after: string | undefined
  do {
    const { ids, next, read } = await page({ ...options, limit: 10, ...(after && { after }) })
    assert.ok(read < MOST_READ, `${read} read`)
    found.push(...ids)
    after = next ?? undefined
  } while (after !== undefined && found.length < 40)
  assert.deepEqual(
    found.slice(0, 40),
    newest(40, (n) => isRare(n) && n % 7 === 1),
  )
})

test('a live list begins as a page does, whatever is asked for', async () => {
  const lists = pages
    .filter(([, { after }]) => after === undefined)
    .map(
      ([, { limit = 50, statuses, ...options }]): Filter => ({
        tenant: 'default',
        workflow: options.workflow ?? null,
        statuses: statuses ?? null,
        key: options.key ?? null,
        q: options.q ?? null,
        limit,
      }),
    )
  const expected = pages.filter(([, { after }]) => after === undefined).map(([, , ids]) => ids)
  assert.deepEqual(await newestListed(db.pool, lists), expected)
})

test('no list shows another tenant’s run', async () => {
  for (const [, options] of pages) assert.deepEqual((await page({ ...options, tenant: 'other' })).ids, [])
})
