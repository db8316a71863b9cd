import type { Client } from 'pg'

/** Runs per statement. */
const BATCH = 50_000

interface Column {
  table: string
  name: string
  type: string
}

/** The one finished run of a database, and the distance between the step ids of its copies. */
interface Original {
  run: string
  steps: number
}

/**
 * Copies the one finished run of a database, with everything that belongs to it, until there are `size` runs: they are
 * one second apart, and the newest copy is one second older than the original. Triggers and foreign keys are off
 * meanwhile.
 */
export async function fill(client: Client, size: number): Promise<void> {
  await client.query('set session_replication_role = replica')
  const { rows: columns } = await client.query<Column>(COLUMNS)
  const original = await findOriginal(client)
  for (let oldest = size - 1; oldest > 0; oldest -= BATCH) {
    const ages = [oldest, Math.max(oldest - BATCH + 1, 1)]
    for (const [table, ofTable] of Map.groupBy(columns, (column) => column.table)) {
      await client.query(copyStatement(table, ofTable), [original.run, original.steps, size, ...ages])
    }
    if (oldest > BATCH) process.stderr.write(`${size - oldest + BATCH - 1} of ${size} finished runs are there\n`)
  }
  await client.query(`select setval('stepcast.steps_id_seq', (select max(id) from stepcast.steps))`)
  await client.query('vacuum (analyze)')
  await client.query('checkpoint')
}

async function findOriginal(client: Client): Promise<Original> {
  const { rows } = await client.query<Original>(
    `select r.id as run, (select max(id) from stepcast.steps) as steps
     from stepcast.runs r
     where r.status = 'completed'`,
  )
  const [original, second] = rows
  if (!original || second) throw new Error(`There are ${rows.length} finished runs to copy; it must be one.`)
  return original
}

/** The present columns of every table whose rows belong to a run, so that new columns and tables are included. */
const COLUMNS = `
  select c.relname as table, a.attname as name, format_type(a.atttypid, a.atttypmod) as type
  from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
  where c.relnamespace = 'stepcast'::regnamespace
    and c.relkind in ('r', 'p')
    and not c.relispartition
    and (c.relname = 'runs' or exists (
      select from pg_attribute r where r.attrelid = c.oid and r.attname = 'run_id' and not r.attisdropped
    ))
  order by c.relname, a.attnum`

// $1 to $5: the original, its highest step id, the size, and the ages of the oldest and the newest copy in seconds.
function copyStatement(table: string, columns: Column[]): string {
  const names = columns.map(({ name }) => `"${name}"`)
  const runId = table === 'runs' ? 'id' : 'run_id'
  return `
    insert into stepcast."${table}" (${names.join(', ')})
    overriding system value
    select ${columns.map((column) => copied(table, runId, column)).join(', ')}
    from stepcast.runs r
    join stepcast."${table}" o on o.${runId} = r.id
    cross join generate_series($4::bigint, $5::bigint, -1) age
    where r.id = $1 and ($2::bigint, $3::bigint) is not null
    order by age desc`
}

function copied(table: string, runId: string, { name, type }: Column): string {
  if (name === runId) return RUN_ID
  const isStep = name === 'step_id' || (table === 'steps' && (name === 'id' || name === 'parent_id'))
  if (isStep) return `o."${name}" + ($3 - age) * $2`
  return type.startsWith('timestamp') ? `o."${name}" - age * interval '1 second'` : `o."${name}"`
}

/** A UUID of version 7, as stepcast.uuid_v7() would have made it at that time. */
const RUN_ID = `(
  lpad(to_hex(((extract(epoch from r.created_at) - age) * 1000)::bigint), 12, '0')
  || '7' || substr(md5(age::text), 1, 3) || '8' || substr(md5(age::text), 4, 15)
)::uuid`
