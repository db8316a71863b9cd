import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import type { JournalEntry, JsonObject, StuckRun } from '../../db/contract.ts'
import { size } from '../support/size.ts'
import { openDashboard, serveDashboard } from './dashboard.ts'
import { overflows, violations } from './element-page.ts'
import type { FakeServer } from './fake-server.ts'
import { enter } from './runs-states.ts'
import { aRun, aStep, endEvent, patchEvent, RUN, snapshotEvent } from './samples.ts'
import { manyRuns, someRunning } from './stats-samples.ts'
import { useServer } from './use-server.ts'
import { aWorkflow } from './workflow-samples.ts'

const VIEW = `/runs/${RUN}/view`
const THEN = '2026-11-22T10:00:00.000Z'

let browser: Browser
let server: FakeServer
useServer(
  async (server) => {
    await serveDashboard(server)
    server.documents.set('/stuck', { runs: [] })
    server.documents.set('/workflows', {
      workflows: [aWorkflow(), aWorkflow({ name: 'import_file', inputSchema: null })],
    })
  },
  (...both) => {
    ;[browser, server] = both
  },
)

function serveStats(): void {
  for (const [path, body] of Object.entries({ '/stats': manyRuns(), '/stats/running': someRunning() }))
    server.files.set(path, { type: 'application/json', body: JSON.stringify(body) })
}

const stuck: StuckRun = {
  id: RUN,
  workflow: 'import_file',
  key: 'a.csv',
  displayName: 'Importing “a.csv”',
  displayNames: { 'zh-CN': '正在导入“a.csv”' },
  status: 'running',
  step: 'load',
  reason: 'no-change',
  why: 'step load shows no change and no log line',
  since: THEN,
}
const entry = (changes: Partial<JournalEntry>): JournalEntry => ({
  entry: 1,
  at: THEN,
  actor: 'ann',
  action: 'create',
  stepId: null,
  step: null,
  attempt: null,
  from: null,
  to: 'pending',
  reason: null,
  ...changes,
})
const over = { status: 'failed', error: 'No space', completedAt: THEN, duration: 9_000 } as const
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

/** The page of a run that has failed. */
async function openRun(options = {}): Promise<Page> {
  const { page } = await openDashboard(browser, server, VIEW, options)
  const stream = await server.next()
  stream.send(
    snapshotEvent(over, [
      aStep({ status: 'failed', startedAt: THEN, error: 'No space' }),
      aStep({ id: 2, parentId: 1, step: 'files', displayName: 'Push files' }),
    ]),
  )
  stream.send(endEvent(1, 'failed'))
  stream.ready()
  await page.locator('stepcast-run li.step').first().waitFor()
  return page
}

/** The second look is at the same pages, and at what is in them the tests of the elements look in the dark. */
function darkViolations(page: Page): Promise<string[]> {
  return violations(
    page,
    ['color-contrast', 'target-size'],
    size(['stepcast-run', 'stepcast-runs', 'stepcast-stats'], []),
  )
}

for (const [lang, theme, width] of [
  ['en', 'light', 1280],
  ['zh-CN', 'dark', 320],
] as const) {
  test(`every page, ${lang}, ${theme}, ${width} px wide: nothing for axe to complain of, in the reader’s language`, async () => {
    const look = { locale: lang, colorScheme: theme, viewport: { width, height: 800 } }
    const isFine = async (page: Page, name: string) => {
      assert.deepEqual(await (theme === 'dark' ? darkViolations(page) : violations(page)), [], name)
      assert.equal(await overflows(page), false, name)
      assert.equal(await page.evaluate(() => document.documentElement.lang), lang, name)
      await page.context().close()
    }
    server.documents.set('/stuck', { runs: [stuck] })
    const home = await openDashboard(browser, server, '/', look)
    enter(await server.next())
    await home.page.locator('.stuck').waitFor()
    await home.page.locator('.row a').first().waitFor()
    assert.deepEqual(home.complaints, [])
    await isFine(home.page, 'runs')
    server.documents.set(`/runs/${RUN}/journal?after=0`, { entries: [entry({})], next: null })
    const run = await openRun(look)
    await run.locator('.journal summary').click()
    await run.locator('tbody tr').waitFor()
    await run.locator('#remove').click()
    await isFine(run, 'a run')
    const start = (await openDashboard(browser, server, '/start/view', look)).page
    for (const at of [0, 1]) await start.locator('fieldset.list > button').nth(at).click()
    await start.locator('form .main').click()
    await start.locator('.wrong').first().waitFor()
    await isFine(start, 'start')
    serveStats()
    const stats = (await openDashboard(browser, server, '/stats/view', look)).page
    await stats.locator('stepcast-stats .stats[aria-busy=false]').waitFor()
    await isFine(stats, 'statistics')
  })
}

test('what does not get on is told, with the reason, only where there is any', async () => {
  const { page } = await openDashboard(browser, server, '/')
  enter(await server.next())
  await page.locator('.row a').first().waitFor()
  assert.equal(await page.locator('.stuck').count(), 0)
  server.documents.set('/stuck', { runs: [stuck] })
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
  await page.getByText('1 run is stuck').waitFor()
  const stuckRun = page.locator('.stuck li')
  assert.match((await stuckRun.textContent()) ?? '', /Importing “a.csv”.*step load shows no change/s)
  await page.getByLabel('Language').selectOption('zh-CN')
  await stuckRun.getByText('步骤“load”没有变化').waitFor()
  assert.match((await stuckRun.textContent()) ?? '', /正在导入“a.csv”/)
})

test('one comes back from a run to the list as it was left, and `/` goes to its search', async () => {
  const { page } = await openDashboard(browser, server, '/?status=failed')
  enter(await server.next())
  await page.locator('.row a').first().waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('a')
  await server.next()
  await page.goto(`${server.src}${VIEW}`)
  await page.getByRole('link', { name: '← All runs' }).click()
  assert.deepEqual((await server.next()).runs.length, 1)
  await page.waitForFunction(() => location.search === '?status=failed&q=a')
})

test('the journal says who did what to a run, and why', async () => {
  const entries = [
    entry({}),
    entry({ entry: 2, actor: 'worker', action: 'status', stepId: 1, step: 'push', from: 'pending', to: 'running' }),
    entry({ entry: 3, actor: 'worker', action: 'status', stepId: 2, step: 'files', from: 'pending', to: 'running' }),
    entry({ entry: 4, action: 'cancel', from: 'running', to: 'cancelled', reason: 'The wrong template' }),
  ]
  server.documents.set(`/runs/${RUN}/journal?after=0`, { entries, next: 4 })
  server.documents.set(`/runs/${RUN}/journal?after=4`, { entries: [entry({ entry: 5, action: 'retry' })], next: null })
  const page = await openRun()
  await page.locator('.journal summary').click()
  await button(page, 'More entries').click()
  await page.locator('tbody tr').nth(4).waitFor()
  const rows = await page.locator('tbody tr').allInnerTexts()
  assert.deepEqual(
    rows.map((each) => each.split('\t').slice(1)),
    [
      ['ann', 'created the run', ''],
      ['worker', 'Push: waiting → running', ''],
      ['worker', 'Push › Push files: waiting → running', ''],
      ['ann', 'cancelled (running → cancelled)', 'The wrong template'],
      ['ann', 'retried', ''],
    ],
  )
})

test('a journal that cannot be read is not said to be empty', async () => {
  server.documents.delete(`/runs/${RUN}/journal?after=0`)
  const page = await openRun()
  await page.locator('.journal summary').click()
  await page.locator('.journal').getByText('The journal could not be read.').waitFor()
  assert.equal(await page.getByText('Nothing has been recorded.').count(), 0)
})

test('after the last page of a journal the focus is on its entries', async () => {
  const pages: Record<number, unknown> = {
    0: { entries: [entry({})], next: 1 },
    1: { entries: [entry({ entry: 2, action: 'retry' })], next: null },
  }
  for (const [page, body] of Object.entries(pages)) server.documents.set(`/runs/${RUN}/journal?after=${page}`, body)
  const page = await openRun()
  await page.getByText('Journal', { exact: true }).click()
  await button(page, 'More entries').focus()
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.activeElement?.matches('journal-panel .scroll'))
})

test('the journal goes on while a run reports all the time', async () => {
  server.documents.set(`/runs/${RUN}/journal?after=0`, { entries: [entry({})], next: null })
  server.documents.set(`/runs/${RUN}/journal?after=1`, { entries: [entry({ entry: 2, action: 'retry' })], next: null })
  const page = await openRun()
  await page.locator('.journal summary').click()
  await page.locator('tbody tr').waitFor()
  let revision = 2
  const reporting = setInterval(() => server.streams.at(-1)?.send(patchEvent({ revision: revision++ })), 100)
  await page
    .locator('tbody tr')
    .nth(1)
    .waitFor()
    .finally(() => clearInterval(reporting))
})

test('a run is deleted after a question, and a refusal is told', async () => {
  const page = await openRun()
  await button(page, 'Delete').click()
  await page.waitForFunction(() => document.activeElement?.id === 'keep')
  await button(page, 'Keep it').click()
  await button(page, 'Delete').click()
  await button(page, 'Delete run').click()
  await page.getByText('The run was not deleted.').waitFor()
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'remove')
  server.answers.set(VIEW.replace('/view', ''), { status: 200, body: {} })
  await button(page, 'Delete').click()
  await button(page, 'Delete run').click()
  await page.waitForURL(`${server.src}/`)
})

test('a form sends what its schema says, and shows what the server complains of where it belongs', async () => {
  const errors = [
    { path: 'input.owner.mail', message: 'is taken' },
    { path: 'input.tags.0', message: 'is too short' },
    { path: 'input.extra', message: 'is not known' },
    { path: 'key', message: 'belongs to another input' },
  ]
  server.answers.set('/runs', { status: 422, body: { title: 'Invalid value', detail: 'no', errors } })
  const { page } = await openDashboard(browser, server, '/start/view')
  await page.getByLabel('Name', { exact: true }).fill('aurora')
  await page.getByLabel('Replicas').fill('3')
  await page.getByLabel('Public').uncheck()
  await page.getByLabel('Mail').fill('a@b.c')
  await page.getByRole('button', { name: 'Add (Tags)' }).click()
  await page.getByLabel('tags.0').fill('x')
  await page.getByLabel('Key').fill('42')
  await button(page, 'Start').click()
  await page.getByText('is taken').waitFor()
  const input = { name: 'aurora', template: 'web', replicas: 3, public: false, owner: { mail: 'a@b.c' }, tags: ['x'] }
  const asked = server.asked.find((each) => each.startsWith('/runs ')) ?? ''
  assert.deepEqual(JSON.parse(asked.slice(6)), { workflow: 'project_init', input, key: '42', again: false })
  const wrong = await page.locator('.wrong').allTextContents()
  assert.deepEqual(wrong, ['is taken', 'is too short', 'belongs to another input', 'input.extra: is not known'])
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'input.owner.mail')
  server.answers.set('/runs', { status: 201, body: { run: aRun() } })
  await button(page, 'Start').click()
  await page.waitForURL(`${server.src}${VIEW}`)
})

test('who removes items of a list by keyboard stays in the list: at the next item, else at the button that adds one', async () => {
  const { page } = await openDashboard(browser, server, '/start/view')
  const add = page.getByRole('button', { name: 'Add (Tags)' })
  for (const text of ['a', 'b', 'c']) {
    await add.click()
    await page.getByLabel('tags.').last().fill(text)
  }
  const focused = () => page.evaluate(() => document.activeElement?.ariaLabel ?? document.activeElement?.textContent)
  await page.getByRole('button', { name: 'Remove 2, Tags' }).press('Enter')
  assert.deepEqual([await focused(), await page.getByLabel('tags.1').inputValue()], ['Remove 2, Tags', 'c'])
  await page.getByRole('button', { name: 'Remove 2, Tags' }).press('Enter')
  assert.equal(await focused(), '+ Add (Tags)')
})

test('a form asks for JSON where it is wanted, and only there, and calls the whole input by its title', async () => {
  const labelsOf = async (inputSchema: JsonObject) => {
    server.documents.set('/workflows', { workflows: [aWorkflow({ inputSchema })] })
    const { page } = await openDashboard(browser, server, '/start/view')
    await button(page, 'Start').waitFor()
    const labels = await page.locator('[for^="input"]').allTextContents()
    await page.close()
    return labels
  }
  assert.deepEqual(await labelsOf({ type: 'string' }), ['Input'])
  assert.deepEqual(await labelsOf({ type: 'string', title: 'Path' }), ['Path'])
  assert.deepEqual(await labelsOf({ type: 'array' }), ['Input (JSON) optional'])
  assert.deepEqual(await labelsOf({ type: 'object', required: ['a'], properties: { a: {} } }), ['a (JSON)'])
})

test('a text that has not the form that is wanted is told in words, with what is wanted in small print', async () => {
  const workflow = aWorkflow({
    inputSchema: {
      type: 'object',
      required: ['name'],
      properties: { name: { type: 'string', title: 'Name', description: 'Lower-case letters', pattern: '^[a-z]+$' } },
    },
  })
  server.documents.set('/workflows', { workflows: [workflow] })
  const { page } = await openDashboard(browser, server, '/start/view')
  await page.getByLabel('Name', { exact: true }).fill('Aurora')
  await button(page, 'Start').click()
  const wrong = page.locator('.wrong')
  assert.equal(await wrong.textContent(), 'This does not match the required pattern. ^[a-z]+$')
  assert.equal(await wrong.locator('code').textContent(), '^[a-z]+$')
  assert.deepEqual(
    server.asked.filter((each) => each.startsWith('/runs ')),
    [],
  )
})

test('a server that does not answer a start is not waited for for ever, and what was filled in stays', async () => {
  server.answers.set('/runs', { status: 201, body: { run: aRun() } })
  const { page } = await openDashboard(browser, server, '/start/view')
  await page.getByLabel('Name', { exact: true }).fill('aurora')
  await page.getByLabel('Replicas').fill('3')
  await page.getByLabel('Mail').fill('a@b.c')
  await page.route('**/runs', () => {}, { times: 1 })
  await page.evaluate(() => {
    const { timeout } = AbortSignal
    AbortSignal.timeout = (ms) => {
      AbortSignal.timeout = timeout
      return AbortSignal.timeout(ms / 100)
    }
  })
  await button(page, 'Start').click()
  await page.getByText('The server did not answer: the run may have started.').waitFor()
  await button(page, 'Start').click()
  await page.waitForURL(`${server.src}${VIEW}`)
})

test('a known key says which run has it', async () => {
  server.answers.set('/runs', { status: 200, body: { run: aRun() } })
  const { page } = await openDashboard(browser, server, '/start/view?workflow=import_file')
  await page.getByLabel('Input (JSON)').fill('{"path": "a.csv"}')
  await page.getByLabel('Key').fill('a')
  await button(page, 'Start').click()
  assert.equal(await page.getByRole('link', { name: 'Show it' }).getAttribute('href'), VIEW)
})

test('a run is started again with its input, where that may be seen', async () => {
  const run = {
    ...aRun(over),
    input: {
      name: 'aurora',
      template: 'api',
      replicas: 2,
      at: THEN.replace('00.000', '30.250'),
      owner: { mail: 'a@b.c' },
    },
    output: null,
  }
  server.documents.set(VIEW.replace('/view', ''), { run, steps: [], attempts: [], now: THEN })
  const page = await openRun()
  await page.getByRole('link', { name: 'Run again with this input' }).click()
  await page.getByText('Filled in with the input of an earlier run.').waitFor()
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'aurora')
  assert.equal(await page.getByLabel('Template').locator('option:checked').textContent(), 'api')
  assert.match(await page.getByLabel('Starts at').inputValue(), /:00:30\.250?$/)
  const asking = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/runs'))
  await button(page, 'Start').click()
  assert.deepEqual((await asking).postDataJSON().input, run.input)
})

test('who fills in a form before the input of the earlier run has come keeps what they have typed', async () => {
  const { page } = await openDashboard(browser, server, '/start/view')
  await page.locator('form').waitFor()
  const release = Promise.withResolvers<void>()
  await page.route(`**/runs/${RUN}`, async (route) => {
    await release.promise
    await route.fulfill({ json: { run: { ...aRun(), input: { name: 'aurora' } }, steps: [], attempts: [] } })
  })
  await page.goto(`${server.src}/start/view?from=${RUN}`)
  const name = page.getByLabel('Name', { exact: true }).first()
  await name.fill('mine')
  const come = page.waitForResponse(`**/runs/${RUN}`)
  release.resolve()
  await (await come).finished()
  await page.locator('start-form').evaluate(async (form) => {
    await new Promise(requestAnimationFrame)
    await Reflect.get(form, 'updateComplete')
  })
  assert.equal(await name.inputValue(), 'mine')
})

test('who is not known is asked for a token once, which is sent in a header, kept in the tab and can be forgotten; who does not want to is left in peace', async () => {
  const tokens: (string | undefined)[] = []
  const { page } = await openDashboard(browser, server, '/start/view')
  await page.locator('form').waitFor()
  await page.route(/\/(workflows|stuck|events)$/, async (route) => {
    const { authorization } = route.request().headers()
    tokens.push(authorization)
    if (authorization === 'Bearer right') await route.continue()
    else
      await route.fulfill({ status: 401, contentType: 'application/problem+json', body: '{"detail": "Who are you?"}' })
  })
  await page.goto(`${server.src}/`)
  const dialog = page.getByRole('dialog')
  await dialog.waitFor()
  assert.deepEqual(await violations(page), [])
  await dialog.getByLabel('Token').fill('wrong')
  await page.keyboard.press('Enter')
  await dialog.getByText('does not accept this token').waitFor()
  await dialog.getByLabel('Token').fill('right')
  await page.keyboard.press('Enter')
  const shown = page.locator('.row a').first().waitFor()
  let stream = server.next()
  // what was opened while the token came may be opened anew
  let opened: Awaited<typeof stream> | null = await stream
  while (opened) {
    enter(opened)
    stream = server.next()
    opened = await Promise.race([stream, shown.then(() => null)])
  }
  assert.equal(await dialog.count(), 0)
  assert.equal(page.url(), `${server.src}/`)
  await page.reload()
  assert.equal((await stream).token, 'Bearer right')
  await button(page, 'Forget token').click()
  await dialog.waitFor()
  await button(page, 'Not now').click()
  await page.getByText('You may not see these runs').waitFor()
  for (let looks = 0; looks < 3; looks++) {
    const refused = page.waitForResponse(/\/stuck$/)
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
    await refused
  }
  assert.equal(await dialog.count(), 0)
  await button(page, 'Try again').click()
  await dialog.waitFor()
  assert.deepEqual(new Set(tokens), new Set([undefined, 'Bearer wrong', 'Bearer right']))
})

test('who is asked for a token is afterwards where they were before', async () => {
  const { page } = await openDashboard(browser, server, '/start/view')
  await page.getByLabel('Name', { exact: true }).fill('aurora')
  await page.getByLabel('Replicas').fill('3')
  await page.getByLabel('Mail').fill('a@b.c')
  await page.route(/\/runs$/, (route) => route.fulfill({ status: 401, body: '' }))
  await button(page, 'Start').focus()
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await button(page, 'Not now').click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  assert.equal(await page.evaluate(() => document.activeElement?.textContent?.trim()), 'Start')
})

test('a token is taken as it was copied from a header, and what can be none is told to be none', async () => {
  const { page } = await openDashboard(browser, server, '/start/view')
  await page.locator('form').waitFor()
  await page.route(/\/workflows$/, async (route) => {
    const isRight = route.request().headers().authorization === 'Bearer right'
    await (isRight ? route.continue() : route.fulfill({ status: 401, body: '' }))
  })
  await page.reload()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Token').fill('“right”')
  await page.keyboard.press('Enter')
  await dialog.getByText('does not accept this token').waitFor()
  await dialog.getByLabel('Token').fill('Bearer right')
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'detached' })
  await page.locator('form').waitFor()
})

test('of which time and workflow the statistics are stands in the address', async () => {
  serveStats()
  const { page } = await openDashboard(browser, server, '/stats/view?workflow=project_init')
  await page.locator('stepcast-stats .stats[aria-busy=false]').waitFor()
  await page.locator('stepcast-stats[workflow=project_init]').evaluate((element) => {
    const detail = { period: '30d' }
    element.dispatchEvent(new CustomEvent('stepcast-period-change', { detail }))
  })
  assert.equal(new URL(page.url()).search, '?workflow=project_init&period=30d')
})

test('the language is chosen once for all pages', async () => {
  const { page } = await openDashboard(browser, server, '/start/view')
  await page.getByLabel('Language').selectOption('zh-CN')
  await page.getByText('项目初始化').first().waitFor()
  await page.goto(`${server.src}/`)
  enter(await server.next())
  await page.getByText('进行中').first().waitFor()
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-CN')
})
