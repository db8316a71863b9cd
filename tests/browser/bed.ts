import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after } from 'node:test'
import type { Browser, BrowserContext, LaunchOptions, Page } from 'playwright-core'
import type { ConnectionState } from '../../client/stream.ts'
import { startRun } from '../../db/runs.ts'
import { type ServerOptions, type StepcastServer, startServer } from '../../server/start.ts'
import { registerWorkflows } from '../../worker/register.ts'
import { launchBrowser } from '../support/browser.ts'
import { type Fixture, useDatabase } from '../support/fixture.ts'
import { finished, waitForRow } from '../support/wait.ts'
import { Gateway } from './gateway.ts'
import { forkJourneyWorker, JOURNEY_TABLES, journey } from './journey.ts'
import { sketchOf, waitForSketch } from './picture.ts'

/**
 * Where it is about noon just now: a clock that a test sets forward or back by an hour is still of the same day, of which
 * an element tells the time alone. `Etc/GMT-3` is three hours before UTC.
 */
const HOURS = 12 - new Date().getUTCHours()
const NOON = `Etc/GMT${HOURS < 0 ? '+' : '-'}${Math.abs(HOURS)}`

/** What the tests of a file share: database, worker, server and browser, all of them real. */
export interface Bed {
  db: Fixture
  browser: Browser
  server: StepcastServer
  serve(options?: Partial<ServerOptions>): Promise<StepcastServer>
  /** Starts a journey; resolves once its worker waits half way. */
  halfWay(key?: string): Promise<string>
  report(run: string, progress: number, message: string): Promise<unknown>
  /** What the worker waits for; resolves once the run is completed. */
  arrive(run: string): Promise<unknown>
  /** The sketch of a run in a page that watches from the beginning, undisturbed, once the text is to be seen there. */
  undisturbed(run: string, text: string): Promise<string>
  /** The same of a run that is completed, once that page shows that it is: that a step is, each of them says before. */
  undisturbedAtTheEnd(run: string): Promise<string>
}

export async function makeBed(options: LaunchOptions = {}): Promise<Bed> {
  const db = await useDatabase()
  await db.rows(JOURNEY_TABLES)
  await registerWorkflows(db.pool, [journey])
  const serve = (options: Partial<ServerOptions> = {}) =>
    startServer({
      databaseUrl: db.url,
      port: 0,
      pollMs: 500,
      assets: join(import.meta.dirname, '../../dist'),
      ...options,
    })
  const [browser, server, worker] = await Promise.all([
    launchBrowser({ ...options, env: { TZ: NOON } }),
    serve(),
    forkJourneyWorker(db.url),
  ])
  const control = await browser.newPage()
  const body = '<script type="module" src="/stepcast.js"></script>'
  await control.route('**/control', (route) => route.fulfill({ contentType: 'text/html', body }))
  await control.goto(`${server.url}/control`)
  after(async () => {
    await Promise.all([browser.close(), server.stop(), worker[Symbol.asyncDispose]()])
  })

  async function halfWay(key?: string): Promise<string> {
    const { id } = await startRun(db.pool, {
      tenant: 'default',
      actor: 'test',
      workflow: 'journey',
      input: { name: 'Ithaca' },
      ...(key === undefined ? {} : { key, again: true }),
    })
    await control.evaluate((id) => {
      const element = document.createElement('stepcast-run')
      element.setAttribute('run-id', id)
      document.body.append(element)
    }, id)
    const where = `run_id = $1 and step = 'sail' and progress = 50 and status = 'running'`
    await waitForRow(db.url, `select from stepcast.steps where ${where}`, [id])
    return id
  }

  const controlled = (run: string, state = '') => control.locator(`[run-id="${run}"]${state}`)

  async function sketch(run: string): Promise<string> {
    const index = await control.evaluate(
      (run) => [...document.querySelectorAll('stepcast-run')].findIndex((each) => each.getAttribute('run-id') === run),
      run,
    )
    return control.evaluate(sketchOf, index)
  }

  return {
    db,
    browser,
    server,
    serve,
    halfWay,
    report: (run, progress, message) =>
      db.rows("select stepcast.report_step($1, 'travel/sail', $2, $3)", [run, progress, message]),
    arrive: async (run) => {
      await db.rows("insert into gates values ($1, 'sail')", [run])
      assert.equal((await finished(db.url, run)).status, 'completed')
    },
    undisturbed: async (run, text) => {
      await controlled(run).getByText(text).first().waitFor()
      return sketch(run)
    },
    undisturbedAtTheEnd: async (run) => {
      await controlled(run, ':state(completed)').waitFor()
      return sketch(run)
    },
  }
}

/** A page with an element of this run, beyond a gateway of its own. */
export async function watchRun(bed: Bed, run: string, attributes = ''): Promise<Watching> {
  return watchElements(bed, `<stepcast-run run-id="${run}" ${attributes}></stepcast-run>`)
}

export interface Watching extends AsyncDisposable {
  gateway: Gateway
  context: BrowserContext
  page: Page
  address: string
}

export async function watchElements(bed: Bed, elements: string, target = bed.server.url): Promise<Watching> {
  const gateway = await Gateway.start(target)
  const context = await bed.browser.newContext()
  const page = await context.newPage()
  const address = gateway.page(elements)
  return {
    gateway,
    context,
    page,
    address,
    async [Symbol.asyncDispose]() {
      await context.close()
      await gateway[Symbol.asyncDispose]()
    },
  }
}

/** The page is opened, and shows the run half way. */
export async function showsHalfWay(
  bed: Bed,
  { page, address }: Pick<Watching, 'page' | 'address'>,
  run: string,
): Promise<void> {
  await page.goto(address)
  await waitForSketch(page, await bed.undisturbed(run, 'Half way'))
}

/** After all that it went through, the page shows what one shows that was never disturbed; and so to the end. */
export async function showsTheSame(bed: Bed, page: Page, run: string, text: string): Promise<void> {
  await waitForSketch(page, await bed.undisturbed(run, text))
  await bed.arrive(run)
  await waitForSketch(page, await bed.undisturbedAtTheEnd(run))
}

/** Resolves once the first element says so of its connection. */
export async function isInState(page: Page, state: ConnectionState): Promise<void> {
  await page.waitForFunction((state) => document.querySelector(`stepcast-run:state(${state})`), state, { polling: 50 })
}
