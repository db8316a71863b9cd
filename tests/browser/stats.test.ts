import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import type { Stats } from '../../db/contract.ts'
import { startServer } from '../../server/start.ts'
import { begin, complete, openRun } from '../db/outside.ts'
import { importRun } from '../db/past.ts'
import { launchBrowser } from '../support/browser.ts'
import { useDatabase } from '../support/fixture.ts'

const RUNS = 40
const HOUR = 3_600_000

const db = await useDatabase()
const server = await startServer({ databaseUrl: db.url, port: 0, assets: join(import.meta.dirname, '../../dist') })
after(() => server.stop())
const browser = await launchBrowser()
after(() => browser.close())

/** The last of them ended an hour ago; every seventh failed in its second step. */
async function makeHistory(tenant = 'default'): Promise<void> {
  for (let run = 0; run < RUNS; run++) {
    const start = Date.now() - HOUR - run * HOUR
    const at = (ms: number) => new Date(start + ms).toISOString()
    const isLost = run % 7 === 3
    const last = isLost ? { status: 'failed', error: 'no' } : { status: 'completed' }
    const steps = [
      { step: 'pack', status: 'completed', started_at: at(0), completed_at: at(100 + run) },
      { step: 'send', ...last, started_at: at(100 + run), completed_at: at(4_000 + 90 * run) },
    ]
    await importRun(db, { workflow: 'video', tenant, status: last.status, steps })
  }
}

/** A table's rows by its caption: the exact values. */
async function valuesOf(page: Page, caption: string): Promise<(number | null)[][]> {
  const rows = page.locator(`stepcast-stats table:has(> caption:text-is("${caption}")) tbody tr`)
  return rows.evaluateAll((all) =>
    all.map((row) =>
      [...row.querySelectorAll('td')].map((cell) => {
        const value = cell.querySelector('data')?.getAttribute('value') ?? null
        return value === null ? null : Number(value)
      }),
    ),
  )
}

test('each number on the page is what SQL says, and follows when a run ends', async () => {
  await makeHistory()
  await makeHistory('elsewhere')
  const page = await browser.newPage()
  page.on('pageerror', (error) => assert.fail(`the page threw: ${error}`))
  await page.clock.install()
  const shown = page.waitForResponse(/\/stats\?/)
  await page.goto(`${server.url}/stats/view?workflow=video`)
  const stats = (await (await shown).json()) as Stats
  await page.locator('stepcast-stats dl').waitFor()

  const window = [stats.since, stats.until]
  const sql = (text: string) => db.rows(`${text} `, window)
  const numbers = (rows: Record<string, unknown>[]) =>
    rows.map((row) => Object.values(row).map((value) => (value === null ? null : Number(value))))
  assert.deepEqual(
    await valuesOf(page, 'How long each step takes'),
    numbers(
      await sql(
        `select p50_duration, p95_duration, completed from stepcast.step_stats_since($1, $2) where tenant = 'default' order by sequence`,
      ),
    ),
  )
  assert.deepEqual(
    await valuesOf(page, 'How long runs take'),
    numbers(await sql(`select runs from stepcast.run_durations($1, $2) where tenant = 'default' order by at_least`)),
  )
  await page.getByRole('button', { name: 'Send' }).click()
  await page.locator('stepcast-stats .opened summary').click()
  assert.deepEqual(
    await valuesOf(page, 'How long “Send” takes'),
    numbers(
      await sql(
        `select runs from stepcast.step_durations($1, $2) where tenant = 'default' and step = 'send' order by at_least`,
      ),
    ),
  )
  const trend = await sql(
    `select runs, completed, failed, cancelled, (completed::float8 / nullif(completed + failed, 0))::numeric(5, 4)
     from stepcast.run_trend($1, $2, 'day', '${stats.trend.zone}') where tenant = 'default' order by at`,
  )
  const days = await valuesOf(page, 'Runs per day')
  assert.equal(days.length, 7)
  assert.deepEqual(
    days.filter(([runs]) => runs !== 0),
    numbers(trend),
  )
  const tile = page.locator('stepcast-stats .tile data').nth(1)
  const rate = async () =>
    (await db.value('select success_rate from stepcast.run_stats($1, now()) where tenant = $2', [
      stats.since,
      'default',
    ])) as string
  assert.equal(Number(await tile.getAttribute('value')), Number(await rate()))

  const before = await rate()
  const run = await openRun(db, ['pack'])
  await begin(db, run, 'pack')
  const wake = () => page.evaluate(() => dispatchEvent(new Event('online')))
  await wake()
  await page.getByText('1 in Pack').waitFor()
  await complete(db, run, 'pack')
  await db.rows('select stepcast.finish_run($1)', [run])
  await wake()
  await page.getByText('nothing running').first().waitFor()
  assert.notEqual(await rate(), before)
  // the charts rest longer, the longer it took to read them
  await page.clock.fastForward(HOUR)
  await page.locator(`stepcast-stats .tile data[value="${Number(await rate())}"]`).waitFor()
})
