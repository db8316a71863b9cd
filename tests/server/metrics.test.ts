import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Gauge, Registry } from '@prometheus-io/client'
import { parseExposition, type Samples } from '../support/exposition.ts'
import { size } from '../support/size.ts'
import { ask, openBench } from './bench.ts'
import { TestStream } from './stream.ts'

async function scrape(url: string, headers: Record<string, string> = {}): Promise<Samples> {
  const { status, headers: answered, body } = await ask(`${url}/metrics`, { headers })
  assert.equal(status, 200)
  assert.equal(answered.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  return parseExposition(body)
}

test('a scrape tells of watchers, reads and unfinished runs in the text format', async () => {
  await using bench = await openBench()
  const run = await bench.openRun({ steps: ['load', 'check'] })
  await bench.openRun()
  await bench.sql("select stepcast.begin_step($1, 'load')", run)
  using stream = await TestStream.open(`${bench.url}/runs/${run}/events`)
  await stream.named('snapshot')
  await bench.sql("select stepcast.report_step($1, 'load', 40)", run)
  await stream.named('patch')
  const samples = await scrape(bench.url)
  assert.equal(samples.get('stepcast_database_up'), 1)
  assert.equal(samples.get('stepcast_watchers'), 1)
  assert.equal(samples.get('stepcast_runs{status="running"}'), 1)
  assert.equal(samples.get('stepcast_runs{status="pending"}'), 1)
  assert.equal(samples.get('stepcast_steps{status="running"}'), 1)
  assert.equal(samples.get('stepcast_steps{status="pending"}'), 1)
  assert.equal(samples.get('stepcast_workers'), 0)
  assert.ok((samples.get('stepcast_hub_read_runs_sum{kind="snapshots"}') ?? 0) >= 1)
  assert.ok((samples.get('stepcast_hub_read_duration_seconds_count{kind="changes"}') ?? 0) >= 1)
  assert.equal(samples.get('stepcast_hub_read_failures_total{kind="changes"}'), 0)
  const usage = samples.get('stepcast_notify_queue_usage_ratio') ?? -1
  assert.ok(usage >= 0 && usage <= 1)
  assert.ok((samples.get('stepcast_table_size_bytes{table="steps"}') ?? 0) > 0)
})

test('what only the poll has found is counted as stale', async () => {
  await using bench = await openBench({ pollMs: 50 })
  const run = await bench.openRun()
  using stream = await TestStream.open(`${bench.url}/runs/${run}/events`)
  await stream.named('snapshot')
  const before = (await scrape(bench.url)).get('stepcast_stale_runs_total')
  await bench.sql('alter table stepcast.runs disable trigger announce_updated_runs')
  await bench.sql("select stepcast.begin_step($1, 'load')", run)
  await stream.named('patch')
  assert.equal(before, 0)
  // Once more where the next poll comes before the read that the first has asked for.
  assert.ok(((await scrape(bench.url)).get('stepcast_stale_runs_total') ?? 0) >= 1)
})

test('a watcher that has gone is not counted any more', async () => {
  await using bench = await openBench()
  const run = await bench.openRun()
  const stream = await TestStream.open(`${bench.url}/runs/${run}/events`)
  await stream.named('snapshot')
  stream[Symbol.dispose]()
  while ((await scrape(bench.url)).get('stepcast_watchers') !== 0);
})

test('two servers in one process count apart', async () => {
  await using one = await openBench()
  await using other = await openBench()
  const run = await one.openRun()
  using stream = await TestStream.open(`${one.url}/runs/${run}/events`)
  await stream.named('snapshot')
  assert.equal((await scrape(one.url)).get('stepcast_watchers'), 1)
  assert.equal((await scrape(other.url)).get('stepcast_watchers'), 0)
})

test('an application’s own registry is shown with what it keeps there, also by the server after the first', async () => {
  const metrics = new Registry()
  new Gauge({ name: 'own_things', help: 'Of the application.', registers: [metrics] }).set(7)
  await using first = await openBench({ metrics })
  await first.server.stop()
  await using second = await openBench({ metrics })
  const samples = await scrape(second.url)
  assert.equal(samples.get('own_things'), 7)
  assert.equal(samples.get('stepcast_database_up'), 1)
})

test('numbers of all tenants are for operators alone', async () => {
  const authenticate = (ctx: { get(name: string): string }) => {
    const id = ctx.get('authorization').replace('Bearer ', '')
    return id ? { id, tenant: 'north', operator: id === 'prometheus' } : null
  }
  await using bench = await openBench({ authenticate, authorize: () => true })
  const as = (id: string) => ({ authorization: `Bearer ${id}` })
  assert.equal((await ask(`${bench.url}/metrics`)).status, 401)
  const refused = await ask(`${bench.url}/metrics`, { headers: as('alice') })
  assert.equal(refused.status, 403)
  assert.doesNotMatch(JSON.stringify(refused.body), /stepcast_/)
  assert.ok((await scrape(bench.url, as('prometheus'))).has('stepcast_watchers'))
})

test('without a database a scrape still tells of the process, and keeps no old number', async () => {
  await using bench = await openBench({ databaseUrl: 'postgres://nobody@127.0.0.1:1/nowhere' })
  const samples = await scrape(bench.url)
  assert.equal(samples.get('stepcast_database_up'), 0)
  assert.equal(samples.get('stepcast_watchers'), 0)
  assert.ok(![...samples.keys()].some((name) => /^stepcast_(runs|steps|workers|table|notify)/.test(name)))
})

test('a scrape reads no finished run, of however many tenants', async () => {
  await using bench = await openBench()
  const finished = size(10_000, 1_000_000)
  await bench.sql(
    `insert into stepcast.runs (id, tenant, workflow, workflow_version, display_name, status, progress, started_at, completed_at)
     select stepcast.uuid_v7(), 'tenant ' || n, 'import', '1', 'Import', 'completed', 100, now(), now()
     from generate_series(1, $1) n`,
    finished,
  )
  await bench.sql('analyze stepcast.runs')
  const pages = () =>
    bench.sql(
      `select (heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit)::integer
       from pg_statio_user_tables
       where relname = 'runs'`,
    )
  await bench.sql('select pg_stat_force_next_flush()')
  const before = Number(await pages())
  await bench.sql('select stepcast.read_metrics(), pg_stat_force_next_flush()')
  const after = Number(await pages())
  assert.ok(after - before < 50, `${after - before} pages of runs were read`)
})
