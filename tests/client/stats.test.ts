import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import type { RunningStats, Stats, StepStats, TrendPoint, WorkflowStats } from '../../db/contract.ts'
import { size } from '../support/size.ts'
import { assertKeepsStyles, openPage, overflows, serveElements, violations } from './element-page.ts'
import type { FakeServer } from './fake-server.ts'
import { fewRuns, manyRuns, noneRunning, noRuns, someRunning } from './stats-samples.ts'
import { useServer } from './use-server.ts'

let browser: Browser
let server: FakeServer
useServer(serveElements, (...both) => {
  ;[browser, server] = both
})

function answer(stats: Stats, running: RunningStats): void {
  for (const [path, body] of Object.entries({ '/stats': stats, '/stats/running': running }))
    server.files.set(path, { type: 'application/json', body: JSON.stringify(body) })
}

/** The element once it has drawn what the server says; what it asked for, path and query. */
async function show(
  stats: Stats,
  running: RunningStats,
  attributes = '',
  options: Parameters<typeof openPage>[3] = {},
) {
  answer(stats, running)
  const opened = await openPage(browser, server, '<div id="place"></div>', options)
  const asked: URL[] = []
  opened.page.on('request', (request) => {
    const url = new URL(request.url())
    if (url.pathname.startsWith('/stats')) asked.push(url)
  })
  await place(opened.page, attributes)
  await opened.page.locator('stepcast-stats .stats[aria-busy=false]').waitFor()
  return { ...opened, asked }
}

function place(page: Page, attributes: string): Promise<void> {
  return page.evaluate((text) => {
    const place = document.querySelector('#place')
    if (place) place.innerHTML = `<stepcast-stats ${text}></stepcast-stats>`
  }, attributes)
}

/** The rows of a table by its caption: the name, then each exact value (`–`: none). */
async function rowsOf(page: Page, caption: string): Promise<[string, ...(number | string)[]][]> {
  const rows = page.locator(`stepcast-stats table:has(> caption:text-is("${caption}")) tbody tr`)
  return rows.evaluateAll((all) =>
    all.map((row): [string, ...(number | string)[]] => [
      (row.querySelector('.name') ?? row.querySelector('th'))?.textContent?.trim().replace(/\s+/g, ' ') ?? '',
      ...[...row.querySelectorAll('td')].map((cell) => {
        const value = cell.querySelector('data')?.getAttribute('value')
        return value == null ? (cell.textContent ?? '').trim() : Number(value)
      }),
    ]),
  )
}

test('statistics keep their styles in another document, and back', async () => {
  await assertKeepsStyles(await show(manyRuns(), someRunning()), 'stepcast-stats', /\.tile/)
})

test('every number of a chart is in its table, with the n that it stands on', async () => {
  const stats = manyRuns('project_init')
  const { page, complaints } = await show(stats, someRunning(), 'workflow="project_init"')
  const points = stats.trend.points
  assert.deepEqual(
    (await rowsOf(page, 'Runs per day')).map(([, ...counts]) => counts),
    points.map(({ runs, completed, failed, cancelled, successRate }) => [
      runs,
      completed,
      failed,
      cancelled,
      successRate ?? '–',
    ]),
  )
  assert.deepEqual(
    (await rowsOf(page, 'Time to complete, by day')).map(([, ...times]) => times),
    points.map(({ p50Duration, p95Duration, completed }) => [p50Duration ?? '–', p95Duration ?? '–', completed]),
  )
  assert.deepEqual(
    (await rowsOf(page, 'How long runs take')).map(([, runs]) => runs),
    stats.durations.map(({ runs }) => runs),
  )
  assert.deepEqual(await rowsOf(page, 'How long each step takes'), [
    ['Create repository', 3_120, 5_480, 1_117],
    ['Create repo', 310, 840, 1_117],
    ['Push template', 20_430, 31_200, 1_117],
    ['Create records', 12, 41, 1_117],
    ['Set up GitOps', 14_210, 27_900, 1_117],
    ['Finalize', '3 runs: too few for a percentile', 3],
  ])
  assert.deepEqual((await rowsOf(page, 'Steps that fail most'))[0], ['Push template', 13, 13 / 1_130, 1_130])
  assert.deepEqual(await rowsOf(page, 'Where running runs are'), [
    ['Push template', 2, 25_000],
    ['Set up GitOps', 1, 4_000],
  ])
  const tiles = await page.locator('stepcast-stats .tile').allInnerTexts()
  assert.deepEqual(
    tiles.map((text) =>
      text
        .replace(/\u00a0/g, ' ')
        .split('\n')
        .filter(Boolean),
    ),
    [
      ['Running now', '3', '2 in Push template, 1 in Set up GitOps'],
      ['Success rate', '98.2%', '1,104 of 1,124 runs · 12 cancelled'],
      ['Time to complete', '43 s', 'p50 · p95 1 min 12 s · n 1,104'],
      ['Waiting to start', '2', 'longest wait 0.2 s'],
    ],
  )
  assert.deepEqual(complaints, [])
})

test('each step of a workflow is there, also what is below a sub-step, and below a step whose name a sub-step has too', async () => {
  const stats = manyRuns('project_init')
  const [flow] = stats.workflows as [WorkflowStats]
  const [like] = flow.steps as [StepStats]
  const part = (parent: string, step: string) => ({ ...like, parent, step, displayName: step, displayNames: null })
  const parts = [
    part('create_repo', 'clone'),
    part('clone', 'fetch'),
    part('push_template', 'finalize'),
    part('finalize', 'notify'),
  ]
  stats.workflows = [{ ...flow, steps: [...flow.steps, ...parts] }]
  const { page } = await show(stats, noneRunning(), 'workflow="project_init"')
  assert.deepEqual(
    (await rowsOf(page, 'How long each step takes')).map(([name]) => name),
    [
      ...['Create repository', 'Create repo', 'clone', 'fetch', 'Push template', 'finalize'],
      ...['Create records', 'Set up GitOps', 'Finalize', 'notify'],
    ],
  )
})

test('a time of a trend is never that of another, of three days in hours or of two years in weeks', async () => {
  const stats = manyRuns()
  const [point] = stats.trend.points
  for (const [unit, hours, count, first] of [
    ['hour', 1, 72, /^Sun,? 10:00$/],
    ['week', 7 * 24, 114, /^Nov 22, 2026$/],
  ] as const) {
    const at = (index: number) => new Date(Date.parse('2026-11-22T10:00:00Z') - index * hours * 3_600_000).toISOString()
    stats.trend.unit = unit
    stats.trend.points = Array.from({ length: count }, (_, index) => ({ ...(point as TrendPoint), at: at(index) }))
    const { page } = await show(stats, noneRunning(), 'period="all"')
    const times = (await rowsOf(page, `Runs per ${unit}`)).map(([time]) => time)
    assert.equal(new Set(times).size, count, unit)
    assert.match(times[0] ?? '', first)
    await page.close()
  }
})

test('a step that is opened shows how long it takes in each run, as a table too, and follows the charts', async () => {
  const stats = { ...manyRuns('project_init'), workflowsSince: '2026-11-20T10:00:00.000Z' }
  const steps = stats.durations.slice(1, 4)
  const put = (durations: object[]) =>
    server.files.set('/stats/durations', { type: 'application/json', body: JSON.stringify({ durations }) })
  put(steps)
  const { page, asked } = await show(stats, someRunning(), 'workflow="project_init"')
  const name = page.getByRole('button', { name: 'Create repo', exact: true })
  await name.focus()
  await page.keyboard.press('Enter')
  const opened = page.getByRole('group', { name: 'How long “Create repo” takes' })
  await opened.getByText('As a table').click()
  const query = { workflow: 'project_init', parent: 'create_repository', step: 'create_repo' }
  const window = { since: stats.workflowsSince, until: stats.until }
  assert.deepEqual(Object.fromEntries(asked.at(-1)?.searchParams ?? []), { ...query, ...window })
  const counts = async () => (await rowsOf(page, 'How long “Create repo” takes')).map(([, runs]) => runs)
  assert.deepEqual(
    await counts(),
    steps.map(({ runs }) => runs),
  )
  assert.match((await opened.textContent()) ?? '', /1,117 completed runs.*p50 310.ms.*p95 840.ms/s)
  put(steps.slice(0, 1))
  const again = page.waitForResponse(/durations/)
  await page.getByRole('radio', { name: '30 days' }).check({ force: true })
  await again
  await page.waitForFunction(
    () => document.querySelector('stepcast-stats')?.shadowRoot?.querySelectorAll('.opened tbody tr').length === 1,
  )
  await page.route('**/durations?*', (route) => route.fulfill({ status: 503, body: '{"detail":"It takes too long."}' }))
  await name.click()
  await name.click()
  await page.getByRole('alert').getByText('It takes too long.').waitFor()
})

test('where one of many runs has failed, not all are said to have been successful', async () => {
  const stats = manyRuns()
  Object.assign(stats.total, { completed: 9_999, failed: 1, cancelled: 0, successRate: 0.9999 })
  const { page } = await show(stats, noneRunning())
  const rate = page.locator('stepcast-stats .tile', { hasText: 'Success rate' }).locator('data')
  assert.deepEqual([await rate.textContent(), await rate.getAttribute('value')], ['99.9%', '0.9999'])
  Object.assign(stats.total, { completed: 10_000, failed: 0, successRate: 1 })
  await page.close()
  const { page: all } = await show(stats, noneRunning())
  await all.locator('stepcast-stats .tile', { hasText: 'Success rate' }).getByText('100%', { exact: true }).waitFor()
})

test('where one of many runs has failed in a step, its share of failures is not said to be none', async () => {
  const stats = manyRuns('project_init')
  for (const { steps } of stats.workflows)
    for (const [index, step] of steps.entries())
      Object.assign(step, { completed: 4_999, failed: index === 0 ? 1 : 0, successRate: index === 0 ? 0.9998 : 1 })
  const { page } = await show(stats, noneRunning(), 'workflow="project_init"')
  const rows = await rowsOf(page, 'Steps that fail most')
  assert.deepEqual(
    rows.map((row) => row.slice(1)),
    [[1, 0.0002, 5_000]],
  )
  await page.locator('stepcast-stats').getByText('0.1%', { exact: true }).waitFor()
})

test('of few runs no percentile is claimed, and of none nothing', async () => {
  const { page } = await show(fewRuns(), noneRunning(), 'period="all"')
  assert.match(String(await page.locator('stepcast-stats dl').textContent()), /–\s*3 runs: too few for a percentile/)
  const [pack] = await rowsOf(page, 'Slowest steps')
  assert.deepEqual(pack?.slice(1), ['3 runs: too few for a percentile', 3])
  const empty = await show(noRuns(), noneRunning(), 'period="all"')
  await empty.page.getByText('No runs yet').waitFor()
  assert.equal(await empty.page.locator('stepcast-stats .columns').count(), 0)
})

test('in no state and no theme axe finds anything, and nothing scrolls sideways at 320 px', async () => {
  const both = ['light', 'dark']
  const states: [Stats, RunningStats, string, string[]][] = [
    [manyRuns(), someRunning(), 'with-workflows', both],
    [fewRuns(), noneRunning(), 'workflow="ship" period="all"', size(['dark'], both)],
    [noRuns(), noneRunning(), '', size(['light'], both)],
  ]
  for (const [stats, running, attributes, themes] of states) {
    const { page } = await show(stats, running, attributes, { viewport: { width: 320, height: 700 } })
    if (stats === states[0]?.[0]) await page.getByRole('button', { name: 'Push template' }).click()
    const summaries = await page.locator('stepcast-stats summary').all()
    for (const summary of summaries) await summary.click()
    assert.equal(await overflows(page), false, attributes)
    // axe takes long for tables; they are all made alike.
    for (const summary of summaries.slice(0, size(-1, 0))) await summary.click()
    for (const theme of themes) {
      await page.evaluate((name) => {
        document.documentElement.className = name
      }, theme)
      // the second look is at the same elements
      const rules = theme === themes[0] ? undefined : ['color-contrast']
      assert.deepEqual(await violations(page, rules), [], `${theme} ${attributes}`)
    }
  }
})

test('by keyboard: another time is chosen and told, and a table is opened and scrolled', async () => {
  const { page, asked } = await show(manyRuns(), someRunning(), 'with-workflows')
  await page.locator('stepcast-stats input:checked').focus()
  const day = page.waitForRequest(/\/stats\?since/)
  await page.keyboard.press('ArrowLeft')
  const since = Date.parse(new URL((await day).url()).searchParams.get('since') ?? '')
  assert.ok(Date.now() - since > 22 * 3_600_000 && Date.now() - since <= 24 * 3_600_000)
  await page.getByRole('status').getByText('Last 24 hours: 1,136 runs').waitFor()
  assert.equal(await page.locator('stepcast-stats').getAttribute('period'), '24h')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  await page.getByRole('region', { name: 'Runs per day' }).locator('table').waitFor()
  assert.match(asked.at(-1)?.search ?? '', /zone=/)
})

test('a day begins on the hour of the reader, where that is not the hour of UTC too', async () => {
  const { page, asked } = await show(manyRuns(), someRunning(), 'period="24h"', { timezoneId: 'Asia/Kathmandu' })
  const since = asked.findLast(({ pathname }) => pathname === '/stats')?.searchParams.get('since')
  assert.deepEqual(
    await page.evaluate((since) => [new Date(since).getMinutes(), new Date(since).getSeconds()], since ?? ''),
    [0, 0],
  )
})

test('the reader chooses a workflow, and the page hears of it', async () => {
  const { page, asked } = await show(manyRuns(), someRunning(), 'with-workflows')
  const heard = page.evaluate(
    () =>
      new Promise((resolve) =>
        document.body.addEventListener('stepcast-workflow-change', ({ detail }) => resolve(detail.workflow), {
          once: true,
        }),
      ),
  )
  answer(manyRuns('project_init'), someRunning())
  await page.getByRole('button', { name: 'project_init' }).click()
  assert.equal(await heard, 'project_init')
  await page.getByRole('heading', { name: 'How long each step takes' }).waitFor()
  assert.equal(asked.at(-1)?.searchParams.get('workflow'), 'project_init')
  assert.deepEqual(await page.getByRole('combobox').locator('option').allInnerTexts(), [
    'All workflows',
    'import_file',
    'project_init',
  ])
})

/** The text of what has the focus within the element, or its tag if it has none. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const at = document.querySelector('stepcast-stats')?.shadowRoot?.activeElement
    return at?.matches('select') ? 'select' : (at?.textContent?.trim() ?? null)
  })

test('who shows all steps by keyboard is at the first that was not shown, and who chooses a workflow is at the choice', async () => {
  const stats = manyRuns()
  const [some] = stats.workflows
  assert.ok(some?.steps[0])
  const step = some.steps[0]
  some.steps = Array.from({ length: 12 }, (_, n) => ({
    ...step,
    parent: null,
    displayName: `Step ${n}`,
    step: `s${n}`,
  }))
  stats.workflows = [some]
  const { page } = await show(stats, someRunning(), 'with-workflows')
  await page.getByRole('button', { name: 'Show all 12' }).press('Enter')
  await page.getByRole('button', { name: 'Step 11' }).waitFor()
  assert.equal(await focused(page), 'Step 10')
  await page.getByRole('button', { name: some.workflow, exact: true }).press('Enter')
  await page.getByRole('heading', { name: 'How long each step takes' }).waitFor()
  assert.equal(await focused(page), 'select')
})

test('when a run has ended the charts are read anew, and else only what runs now', async () => {
  const { page, asked } = await show(fewRuns(), noneRunning(), 'period="all"')
  const look = async () => {
    const running = page.waitForResponse(/\/stats\/running/)
    await page.evaluate(() => dispatchEvent(new Event('online')))
    await running
  }
  const charts = () => asked.filter(({ pathname }) => pathname === '/stats').length
  answer(fewRuns(), someRunning(null))
  await look()
  await page.getByText('2 in Push template').waitFor()
  assert.equal(charts(), 1)
  answer(manyRuns(), someRunning())
  // Not at once: it rests twenty times as long as the charts took.
  while (charts() === 1) await look()
  await page.getByText('98.2%').waitFor()
})

test('the charts are read anew also where the clock of the machine was set back by hours', async () => {
  const { page } = await show(fewRuns(), noneRunning(), 'period="all"')
  answer(manyRuns(), someRunning())
  await page.evaluate(() => {
    const now = Date.now
    Date.now = () => now() - 7_200_000
    dispatchEvent(new Event('online'))
  })
  await page.getByText('98.2%').waitFor()
})

test('a server that does not answer is said to, and another try is offered', async () => {
  const { page } = await openPage(browser, server, '<div id="place"></div>')
  await page.evaluate(() => {
    const wait = setTimeout
    Reflect.set(window, 'setTimeout', (what: () => void, ms: number) => wait(what, ms === 20_000 ? 10 : ms))
  })
  await page.route('**/stats/running?*', () => {})
  await place(page, '')
  await page.getByText('The server does not answer. Trying again.').waitFor()
  await page.getByRole('button', { name: 'Try again' }).waitFor()
})

test('what the server refuses is said, and what it said before stays with the time that it is of', async () => {
  const { page } = await show(fewRuns(), noneRunning(), 'period="all"')
  await page.route('**/stats/running?*', (route) => route.abort())
  await page.evaluate(() => dispatchEvent(new Event('online')))
  await page.getByText('Not up to date').waitFor()
  assert.equal((await rowsOf(page, 'Slowest steps')).length, 2)
  await page.unroute('**/stats/running?*')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('Not up to date').waitFor({ state: 'detached' })
  await page.route('**/stats*/**', (route) => route.fulfill({ status: 403, body: '{}' }))
  await place(page, '')
  await page.getByRole('heading', { name: 'You may not see these statistics' }).waitFor()
})

test('whose token has ended is told to sign in above the numbers, and who tries again is in the element afterwards', async () => {
  const { page } = await show(fewRuns(), noneRunning(), 'period="all"')
  const isAtPeriod = () => document.activeElement?.shadowRoot?.activeElement?.matches('[value=all]:checked') === true
  const again = page.getByRole('button', { name: 'Try again' })
  const refuse = () => page.route('**/stats/running?*', (route) => route.fulfill({ status: 401, body: '{}' }))
  await refuse()
  await page.evaluate(() => dispatchEvent(new Event('online')))
  await page.getByText(/^Not up to date since .* Sign in again, or ask whoever runs this server\.$/).waitFor()
  await page.unroute('**/stats/running?*')
  await again.focus()
  await page.keyboard.press('Enter')
  await again.waitFor({ state: 'detached' })
  assert.ok(await page.evaluate(isAtPeriod))
  await refuse()
  await place(page, 'period="all"')
  await again.focus()
  await page.unroute('**/stats/running?*')
  await page.keyboard.press('Enter')
  await again.waitFor({ state: 'detached' })
  assert.ok(await page.evaluate(isAtPeriod))
})

test('a refusal is told once, and again where another token is refused too', async () => {
  const { page } = await openPage(browser, server, '<div id="place"></div>')
  await page.route('**/stats*/**', (route) => route.fulfill({ status: 401, body: '{}' }))
  await page.evaluate(() => {
    const told = Object.assign(window, { told: 0 })
    addEventListener('stepcast-error', () => told.told++)
  })
  await place(page, 'token="a"')
  const again = page.getByRole('button', { name: 'Try again' })
  await again.waitFor()
  await Promise.all([page.waitForResponse('**/stats/running?*'), again.click()])
  await page.locator('stepcast-stats').evaluate((element) => element.setAttribute('token', 'b'))
  await page.waitForFunction(() => Reflect.get(window, 'told') > 1)
  assert.equal(await page.evaluate(() => Reflect.get(window, 'told')), 2)
})

test('it speaks Chinese where the page does, and changes with it', async () => {
  const { page } = await show(manyRuns('project_init'), someRunning(), 'workflow="project_init"', { lang: 'zh-CN' })
  await page.getByRole('heading', { name: '各步骤用时' }).waitFor()
  assert.equal((await rowsOf(page, '各步骤用时'))[2]?.[0], '推送模板')
  await page.evaluate(() => {
    document.documentElement.lang = 'en'
  })
  await page.getByRole('heading', { name: 'How long each step takes' }).waitFor()
})
