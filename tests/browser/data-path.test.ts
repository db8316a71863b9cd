import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { startRun } from '../../db/runs.ts'
import { type StepcastServer, startServer } from '../../server/start.ts'
import { registerWorkflows } from '../../worker/register.ts'
import { launchBrowser } from '../support/browser.ts'
import { useDatabase } from '../support/fixture.ts'
import type { Started } from '../support/process.ts'
import { finished, waitForRow } from '../support/wait.ts'
import { forkJourneyWorker, JOURNEY_TABLES, journey } from './journey.ts'
import { pictureOfRows, waitForPicture } from './picture.ts'

const db = await useDatabase()
await db.rows(JOURNEY_TABLES)
await registerWorkflows(db.pool, [journey])
const browser = await launchBrowser()
after(() => browser.close())

const serve = (port = 0) =>
  startServer({ databaseUrl: db.url, port, pollMs: 500, assets: join(import.meta.dirname, '../../dist') })
const start = () =>
  startRun(db.pool, { tenant: 'default', actor: 'test', workflow: 'journey', input: { name: 'Ithaca' } })
const open = (run: string, gate: string) => db.rows('insert into gates values ($1, $2)', [run, gate])

/** The page of a run, in a browser context of its own: nothing is kept from one to the next. */
async function watch(url: string, run: string): Promise<Page> {
  const page = await browser.newPage()
  page.on('pageerror', (error) => assert.fail(`the page threw: ${error}`))
  await page.goto(`${url}/runs/${run}/view`)
  return page
}

/** Resolves when the worker waits half way in the second step. */
const halfWay = (run: string) =>
  waitForRow(
    db.url,
    `select from stepcast.steps where run_id = $1 and step = 'sail' and progress = 50 and status = 'running'`,
    [run],
  )

/** The run ends well, the page shows it, and no step was completed twice. */
async function arrives(page: Page, run: string): Promise<void> {
  await open(run, 'sail')
  assert.equal((await finished(db.url, run)).status, 'completed')
  await waitForPicture(page, {
    percent: 100,
    status: 'completed',
    steps: ['pack completed', 'travel completed', 'arrive completed'],
  })
  const effects = await db.rows<{ effect: string }>('select effect from effects where run = $1 order by effect', [run])
  assert.deepEqual(
    effects.map(({ effect }) => effect),
    ['arrive', 'pack', 'travel', 'walk'],
  )
}

describe('one worker, one server', () => {
  let server: StepcastServer
  let worker: Started
  before(async () => {
    ;[server, worker] = await Promise.all([serve(), forkJourneyWorker(db.url)])
  })
  after(() => Promise.all([server.stop(), worker[Symbol.asyncDispose]()]))

  test('a run is watched from its start to its end', async () => {
    const { id } = await start()
    const page = await watch(server.url, id)
    await halfWay(id)
    await page.getByText('Half way').waitFor()
    await page.getByText('Journey “Ithaca”').first().waitFor()
    await waitForPicture(page, await pictureOfRows(db, id))
    await arrives(page, id)
    await page.close()
  })

  test('a page that is reloaded, or closed and opened elsewhere, shows the same picture', async () => {
    const { id } = await start()
    await halfWay(id)
    const picture = await pictureOfRows(db, id)
    const page = await watch(server.url, id)
    await waitForPicture(page, picture)
    await page.reload()
    await waitForPicture(page, picture)
    await page.close()
    const again = await watch(server.url, id)
    await waitForPicture(again, picture)
    await arrives(again, id)
    await again.close()
  })

  test('the server is restarted while a run goes on: the page comes back by itself', async () => {
    const first = await serve()
    const { id } = await start()
    const page = await watch(first.url, id)
    await halfWay(id)
    await waitForPicture(page, await pictureOfRows(db, id))
    await first.stop()
    await page.getByText('Reconnecting').waitFor()
    await db.rows("select stepcast.report_step($1, 'travel/sail', 80, 'Land ahead')", [id])
    await using _second = await serve(first.port)
    await page.getByText('Land ahead').waitFor()
    await arrives(page, id)
    await page.close()
  })

  test('a step fails, says why, and is retried from the page', async () => {
    const { id } = await start()
    const page = await watch(server.url, id)
    await halfWay(id)
    await open(id, 'fail 1')
    await finished(db.url, id)
    const picture = await pictureOfRows(db, id)
    assert.deepEqual(picture.steps, ['pack completed', 'travel failed', 'arrive unreached'])
    await waitForPicture(page, picture)
    await page.getByText('The ship has sunk').first().waitFor()
    await page.getByRole('button', { name: 'Retry', exact: true }).click()
    await waitForRow(
      db.url,
      `select from stepcast.steps where run_id = $1 and step = 'travel' and status = 'running' and attempt = 2`,
      [id],
    )
    await arrives(page, id)
    await page.close()
  })

  test('with every notification dropped the page is still right within the poll interval', async () => {
    const { id } = await start()
    const page = await watch(server.url, id)
    await halfWay(id)
    await db.rows('alter table stepcast.runs disable trigger announce_updated_runs')
    try {
      await db.rows("select stepcast.report_step($1, 'travel/sail', 80, 'In silence')", [id])
      await page.getByText('In silence').waitFor({ timeout: 5_000 })
    } finally {
      await db.rows('alter table stepcast.runs enable trigger announce_updated_runs')
    }
    await arrives(page, id)
    await page.close()
  })
})

test('the worker is killed in the middle of a step: another goes on with it, under the same page', async () => {
  await using server = await serve()
  const doomed = await forkJourneyWorker(db.url)
  const { id } = await start()
  const page = await watch(server.url, id)
  await halfWay(id)
  await waitForPicture(page, await pictureOfRows(db, id))
  doomed.child.kill('SIGKILL')
  await doomed.ended
  await using _ = await forkJourneyWorker(db.url)
  await waitForRow(
    db.url,
    `select from stepcast.steps where run_id = $1 and step = 'travel' and status = 'running' and attempt = 2`,
    [id],
  )
  await arrives(page, id)
  await page.close()
})
