import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { assertKeepsStyles, type Opened, openPage, serveElements } from './element-page.ts'
import type { FakeServer, Stream } from './fake-server.ts'
import { at, enter, listed, MIXED, serveWorkflows } from './runs-states.ts'
import { DONE, leaveEvent, rowId, rowPatchEvent } from './samples.ts'
import { useServer } from './use-server.ts'

const ELEMENT = '<stepcast-runs with-filters with-actions with-address></stepcast-runs>'

let browser: Browser
let server: FakeServer
useServer(
  async (server) => {
    await serveElements(server)
    serveWorkflows(server)
  },
  (...both) => {
    ;[browser, server] = both
  },
)

interface Shown extends Opened {
  stream: Stream
}

async function show(html = ELEMENT, rows = MIXED): Promise<Shown> {
  const opened = await openPage(browser, server, html, { viewport: { width: 1100, height: 800 } })
  const stream = await server.next()
  enter(stream, rows)
  await opened.page.locator('.row a, .notice').first().waitFor()
  return { ...opened, stream }
}

const row = (page: Page, number: number) => page.locator(`[data-run="${rowId(number)}"]`)
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const shownRuns = (page: Page) =>
  page.locator('.row').evaluateAll((rows) => rows.map((each) => (each as HTMLElement).dataset.run))
const focused = (page: Page) =>
  page.evaluate(() => {
    const at = document.querySelector('stepcast-runs')?.shadowRoot?.activeElement
    return at?.id || at?.closest<HTMLElement>('.row')?.dataset.run
  })
const untilFocused = (page: Page, selector: string) =>
  page.waitForFunction(
    (it) => document.querySelector('stepcast-runs')?.shadowRoot?.activeElement?.matches(it),
    selector,
  )
const newOne = (number: number) => listed(number, { displayName: `New ${number}` }, at('Push', 1, 2))
/** As a page of older ones has it. */
const oldOne = (number: number) => ({ ...newOne(number).data.run, current: null })

test('a row says at a glance which run, how far, where it is and how long', async () => {
  const { page, stream } = await show()
  const text = async (number: number) => ((await row(page, number).textContent()) ?? '').replace(/\s+/g, ' ')
  assert.match(
    await text(8),
    /Setting up “aurora-web” project_init · aurora-web 46% Running Push template Step 3 of 6 · 184 of 297 files · about 2[05].s left/,
  )
  assert.match(await text(6), /Failed Set up GitOps Branch “main” is protected 31.s/)
  assert.match(await text(9), /Waiting Waiting for a worker/)
  stream.send(rowPatchEvent(9, { revision: 2, parkedBy: 2 }))
  await row(page, 9).getByText('Waiting for its turn: 2').waitFor()
  stream.send({
    ...rowPatchEvent(8, { revision: 2, progress: 70 }),
    data: { ...rowPatchEvent(8, { revision: 2, progress: 70 }).data, current: at('Finalize', 6, 6) },
  } as never)
  await row(page, 8).getByText('Step 6 of 6').waitFor()
  assert.match(await text(8), /70%/)
})

test('a row is a link, which a page may follow in its own way', async () => {
  const { page } = await show('<stepcast-runs href="/projects/:key?run=:id"></stepcast-runs>')
  assert.equal(await row(page, 8).locator('a').getAttribute('href'), `/projects/aurora-web?run=${rowId(8)}`)
  await page.evaluate(() =>
    addEventListener('stepcast-open', (event) => {
      event.preventDefault()
      document.body.dataset.opened = (event as CustomEvent).detail.run.id
    }),
  )
  // A click for a new tab is the browser's: nobody takes it.
  const isTaken = await row(page, 9)
    .locator('a')
    .evaluate((link) => {
      const click = new MouseEvent('click', { bubbles: true, composed: true, cancelable: true, ctrlKey: true })
      let taken: boolean | null = null
      const look = (event: Event) => {
        taken = event.defaultPrevented
        event.preventDefault()
      }
      addEventListener('click', look, { once: true })
      link.dispatchEvent(click)
      return taken
    })
  assert.equal(isTaken, false)
  assert.equal(await page.evaluate(() => document.body.dataset.opened), undefined)
  await row(page, 8).locator('a').focus()
  await page.keyboard.press('Enter')
  await page.locator(`body[data-opened="${rowId(8)}"]`).waitFor()
  assert.equal(new URL(page.url()).pathname, '/')
})

test('as long as somebody is in the rows none moves: new ones wait, those that left stay, and all is let in by a click', async () => {
  const { page, stream } = await show()
  await row(page, 6).locator('a').focus()
  const before = await row(page, 6).boundingBox()
  for (const number of [11, 12]) stream.send(newOne(number))
  stream.send(leaveEvent(8))
  await button(page, '↑ 2 new').waitFor()
  await page.locator('.gone').waitFor()
  assert.deepEqual(await row(page, 6).boundingBox(), before)
  await page.getByRole('status').filter({ hasText: /new/ }).waitFor({ state: 'attached' })
  await button(page, '↑ 2 new').click()
  await row(page, 12).waitFor()
  assert.deepEqual((await shownRuns(page)).slice(0, 4), [12, 11, 9, 7].map(rowId))
  assert.equal(await focused(page), rowId(12))
})

test('a deletion is told, and the row leaves, or says so in its place as long as somebody reads', async () => {
  const { page, stream } = await show()
  stream.send(leaveEvent(8, 'deleted'))
  await page.locator('.deleted', { hasText: 'Setting up “aurora-web” was deleted.' }).waitFor()
  await row(page, 8).waitFor({ state: 'detached' })
  await page.getByRole('status').filter({ hasText: 'was deleted' }).waitFor({ state: 'attached' })
  await row(page, 6).locator('a').focus()
  stream.send(leaveEvent(7, 'deleted'))
  stream.send(leaveEvent(5))
  await page.getByText('2 runs were deleted.').first().waitFor()
  await row(page, 7).getByText('Deleted').waitFor()
  await row(page, 5).getByText('No longer in this list').waitFor()
  await page.getByRole('searchbox').focus()
  await row(page, 7).waitFor({ state: 'detached' })
})

test('a list that is added later tells of no deletion from before', async () => {
  const { page, stream } = await show('<stepcast-runs></stepcast-runs>')
  stream.send(leaveEvent(8, 'deleted'))
  await page.locator('.deleted').waitFor()
  await page.evaluate(() => document.body.append(document.createElement('stepcast-runs')))
  const later = page.locator('stepcast-runs').last()
  await later.locator('.row a').first().waitFor()
  assert.equal(await later.locator('.deleted').count(), 0)
  stream.send(leaveEvent(7, 'deleted'))
  await later.locator('.deleted', { hasText: 'Importing “customers.csv” was deleted.' }).waitFor()
})

test('where nobody is, what is new is shown at once', async () => {
  const { page, stream } = await show()
  stream.send(newOne(11))
  await row(page, 11).waitFor()
  assert.equal((await shownRuns(page))[0], rowId(11))
})

test('filters combine, are done by the server, stand in the address, and Back takes the last one away', async () => {
  const { page } = await show()
  await button(page, 'Failed').click()
  assert.deepEqual((await server.next()).runs, [{ status: ['failed'], limit: 50 }])
  await page.getByRole('combobox').selectOption('project_init')
  assert.deepEqual((await server.next()).runs, [{ workflow: 'project_init', status: ['failed'], limit: 50 }])
  await button(page, 'Running').click()
  const both = await server.next()
  assert.deepEqual(both.runs, [{ workflow: 'project_init', status: ['running', 'failed'], limit: 50 }])
  assert.equal(new URL(page.url()).search, '?status=running%2Cfailed&workflow=project_init')
  enter(both, MIXED.slice(1, 2))
  await row(page, 8).waitFor()
  await page.goBack()
  assert.deepEqual((await server.next()).runs, [{ workflow: 'project_init', status: ['failed'], limit: 50 }])
  assert.equal(await button(page, 'Running').getAttribute('aria-pressed'), 'false')
  await page.reload()
  assert.deepEqual((await server.next()).runs, [{ workflow: 'project_init', status: ['failed'], limit: 50 }])
})

test('what the filter can choose from is asked for again with the next connection where it did not come', async () => {
  server.documents.delete('/workflows')
  const { page, stream } = await show()
  assert.equal(await page.locator('option').count(), 1)
  serveWorkflows(server)
  stream.cut()
  enter(await server.next())
  await page.getByRole('option', { name: 'Project initialization' }).waitFor({ state: 'attached' })
})

test('who points at the rows while another list is asked for sees that one, and holds none of the rows before', async () => {
  const { page } = await show()
  await row(page, 7).hover()
  await page.getByRole('searchbox').focus()
  await page.keyboard.type('a')
  enter(await server.next(), MIXED.slice(1, 2))
  await page.waitForFunction(
    () => document.querySelector('stepcast-runs')?.shadowRoot?.querySelectorAll('.row a').length === 1,
  )
  assert.deepEqual(await shownRuns(page), [rowId(8)])
  // The rows of another server are others, whatever is asked of it.
  await page.route('**/elsewhere/events', (route) => route.abort())
  await page.locator('stepcast-runs').evaluate((list) => list.setAttribute('src', '/elsewhere'))
  await row(page, 8).waitFor({ state: 'detached' })
})

test('what the filter can choose from is that of the server that is asked', async () => {
  const { page } = await show()
  await page.getByRole('option', { name: 'Project initialization' }).waitFor({ state: 'attached' })
  const other = { name: 'other', displayName: 'Of another server', displayNames: null }
  server.documents.set('/elsewhere/workflows', { workflows: [other] })
  await page.locator('stepcast-runs').evaluate((list) => list.setAttribute('src', '/elsewhere'))
  await page.getByRole('option', { name: 'Of another server' }).waitFor({ state: 'attached' })
  assert.equal(await page.locator('option').count(), 2)
})

test('what is typed is one search, found by nothing says so, and Escape takes it back', async () => {
  const { page } = await show()
  // the live list looks among the newest alone
  server.documents.set('/runs?limit=50&q=aurora', { runs: [], next: null })
  // in one breath: who rests between two letters searches for less
  await page.getByRole('searchbox').evaluate((box: HTMLInputElement, word) => {
    for (const letter of word) {
      box.value += letter
      box.dispatchEvent(new InputEvent('input', { bubbles: true }))
    }
  }, 'aurora')
  const searched = await server.next()
  assert.deepEqual(searched.runs, [{ q: 'aurora', limit: 50 }])
  searched.ready()
  await page.getByText('No runs match').waitFor()
  assert.equal(new URL(page.url()).search, '?q=aurora')
  await page.getByRole('searchbox').focus()
  await page.keyboard.press('Escape')
  enter(await server.next())
  await row(page, 9).waitFor()
  assert.equal(await page.getByRole('searchbox').inputValue(), '')
  assert.equal(new URL(page.url()).search, '')
})

test('a space between two words stays while a reader rests, and is not searched for', async () => {
  const { page } = await show()
  const box = page.getByRole('searchbox')
  const told = page.evaluate(
    () =>
      new Promise((resolve) =>
        addEventListener('stepcast-filter', (event) => resolve((event as CustomEvent).detail.q)),
      ),
  )
  await box.fill('order ')
  const searched = await server.next()
  assert.deepEqual(searched.runs, [{ q: 'order', limit: 50 }])
  enter(searched, MIXED.slice(0, 1))
  await row(page, 8).waitFor({ state: 'detached' })
  assert.equal(await box.inputValue(), 'order ')
  assert.equal(await told, 'order')
  assert.equal(new URL(page.url()).search, '?q=order')
  await box.press('2')
  assert.deepEqual((await server.next()).runs, [{ q: 'order 2', limit: 50 }])
})

test('what was typed is searched for also where the list is moved at that moment', async () => {
  const { page } = await show()
  await page.locator('stepcast-runs').evaluate((list) => {
    const box = list.shadowRoot?.querySelector<HTMLInputElement>('#search')
    Object.assign(box ?? {}, { value: 'aurora' })
    box?.dispatchEvent(new InputEvent('input', { bubbles: true }))
    list.parentElement?.append(list)
  })
  await page.waitForFunction(() => location.search === '?q=aurora')
})

test('the whole list can be gone through, selected from and searched by keys', async () => {
  const { page } = await show()
  await page.getByRole('searchbox').focus()
  const journey: [string, string | undefined][] = [
    ['ArrowDown', rowId(9)],
    ['j', rowId(8)],
    ['ArrowDown', rowId(7)],
    ['k', rowId(8)],
    ['End', rowId(2)],
    ['j', rowId(2)],
    ['Home', rowId(9)],
    ['x', rowId(9)],
    ['/', 'search'],
  ]
  for (const [key, expected] of journey) {
    await page.keyboard.press(key)
    assert.equal(await focused(page), expected, key)
  }
  assert.equal(await row(page, 9).getByRole('checkbox').isChecked(), true)
  assert.equal(await page.getByRole('searchbox').inputValue(), '')
  await page.keyboard.press('Escape')
  await page.locator('.bulk').waitFor({ state: 'detached' })
})

test('a list keeps its styles in another document, and back', async () => {
  await assertKeepsStyles(await show(), 'stepcast-runs', /\.bulk/)
})

test('a dialog around a list stays open as long as Escape has something to leave in it', async () => {
  const { page } = await openPage(browser, server, `<dialog>${ELEMENT}</dialog>`)
  const dialog = page.locator('dialog')
  await dialog.evaluate((it: HTMLDialogElement) => it.showModal())
  enter(await server.next())
  await row(page, 9).getByRole('checkbox').check()
  await button(page, 'Cancel 1').click()
  await page.getByText('Cancel 1 run?').waitFor()
  await page.keyboard.press('Escape')
  await button(page, 'Cancel 1').waitFor()
  await page.keyboard.press('Escape')
  await page.locator('.bulk').waitFor({ state: 'detached' })
  assert.equal(await dialog.evaluate((it: HTMLDialogElement) => it.open), true)
  await row(page, 9).locator('a').focus()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
})

test('while a word is composed the keys are those of the input method', async () => {
  const { page } = await show(ELEMENT.replace('with-filters', 'with-filters q="北"'))
  const taken = await page.getByRole('searchbox').evaluate((box) =>
    ['Escape', 'ArrowDown'].map((key) => {
      const press = { key, isComposing: true, bubbles: true, composed: true, cancelable: true }
      return !box.dispatchEvent(new KeyboardEvent('keydown', press))
    }),
  )
  assert.deepEqual(taken, [false, false])
  assert.equal(await page.getByRole('searchbox').inputValue(), '北')
})

test('where the button that was pressed vanishes, the focus stays in the list', async () => {
  const { page } = await show(ELEMENT.replace('with-filters', 'with-filters run-key="42"'))
  const press = async (name: string) => {
    await button(page, name).focus()
    await page.keyboard.press('Enter')
  }
  await press('42 ×')
  await untilFocused(page, '#search')
  enter(await server.next())
  await row(page, 9).locator('input').focus()
  await page.keyboard.press('Space')
  await press('Clear selection')
  await untilFocused(page, '#search')
  await button(page, 'Failed').click()
  await press('Clear filters')
  await untilFocused(page, '#search')
  await page.locator('stepcast-runs').evaluate((list) => list.removeAttribute('with-filters'))
  await page.getByRole('searchbox').waitFor({ state: 'detached' })
  await untilFocused(page, '.row a, .card')
})

test('the focus stays below the rows where older ones were read, and in a list without rows or search', async () => {
  const rows = Array.from({ length: 200 }, (_, index) => newOne(1_000 + index))
  const { page } = await show('<stepcast-runs limit="200"></stepcast-runs>', rows)
  server.documents.set(`/runs?limit=50&after=${rowId(1_000)}`, { runs: [oldOne(999)], next: null })
  await button(page, 'Older runs').focus()
  await page.keyboard.press('Enter')
  await page.getByText('These are all.').waitFor()
  await untilFocused(page, '.older')
  server.refusals.push({ status: 403 })
  const { page: other } = await openPage(browser, server, '<stepcast-runs></stepcast-runs>')
  await button(other, 'Try again').focus()
  await other.keyboard.press('Enter')
  await untilFocused(other, '.card')
})

test('what a page puts into an empty list can be written in', async () => {
  const { page } = await show('<stepcast-runs with-filters><textarea slot="empty"></textarea></stepcast-runs>', [])
  await page.locator('textarea').focus()
  await page.keyboard.type('/x jk')
  assert.equal(await page.locator('textarea').inputValue(), '/x jk')
})

test('of the workflow that a page has chosen there is no run yet, which no reader has filtered', async () => {
  const slot = '<p slot="empty">Start the first</p>'
  const { page } = await show(`<stepcast-runs workflow="import_file" run-key="42">${slot}</stepcast-runs>`, [])
  await page.getByText('Start the first').waitFor()
  assert.equal(await page.getByText('No runs yet').count(), 1)
  // Of those that have failed it would not be true that they appear as soon as they are started.
  await page.locator('stepcast-runs').evaluate((list) => list.setAttribute('status', 'failed'))
  enter(await server.next(), [])
  await page.getByText('No runs match').waitFor()
})

test('a status that is none is told in place of the rows, and not taken for any', async () => {
  const { page } = await openPage(browser, server, ELEMENT.replace('with-filters', 'with-filters status="runing"'))
  await page.getByText('There is no status “runing”').waitFor()
  await page.evaluate(() => document.documentElement.setAttribute('lang', 'zh'))
  await page.getByText('没有“runing”这种状态').waitFor()
  assert.equal(server.streams.length, 0)
  await page.evaluate(() => document.documentElement.setAttribute('lang', 'en'))
  await button(page, 'Clear filters').click()
  const all = await server.next()
  assert.deepEqual(all.runs, [{ limit: 50 }])
  enter(all, MIXED)
  await row(page, 9).waitFor()
  const status = { withAddress: false, status: 'runing failed' }
  await page.locator('stepcast-runs').evaluate((element, status) => Object.assign(element, status), status)
  assert.deepEqual((await server.next()).runs, [{ status: ['failed'], limit: 50 }])
})

test('many are cancelled after one question, and each that was not says why', async () => {
  const { page } = await show()
  server.answers.set(`/runs/${rowId(9)}/cancel`, { status: 200, body: DONE })
  server.answers.set(`/runs/${rowId(8)}/cancel`, { status: 409, body: { detail: 'It is completed already.' } })
  await page.evaluate(
    (handed) =>
      addEventListener('stepcast-cancel-request', (event) => {
        if ((event as CustomEvent).detail.run.id === handed) event.preventDefault()
      }),
    rowId(7),
  )
  await page.getByRole('checkbox', { name: 'Select all shown' }).check()
  await page.getByText('8 selected').waitFor()
  assert.equal(await button(page, 'Retry 2').count(), 1)
  for (const number of [6, 5, 4, 3, 2]) await row(page, number).getByRole('checkbox').uncheck()
  await button(page, 'Cancel 3').click()
  await page.waitForFunction(() => document.querySelector('stepcast-runs')?.shadowRoot?.activeElement?.id === 'keep')
  await page.getByText('Cancel 3 runs? Completed steps are kept.').waitFor()
  assert.deepEqual(
    server.asked.filter((each) => each.includes('/cancel')),
    [],
  )
  await button(page, 'Cancel 3').click()
  const outcome = page.locator('.outcome')
  await outcome.waitFor()
  const said = ((await outcome.textContent()) ?? '').replace(/\s+/g, ' ')
  assert.match(said, /Cancellation of 1 run accepted\. 2 were refused:/)
  assert.match(said, /aurora-web” It is completed already\./)
  assert.match(said, /customers\.csv” left to this page/)
  assert.deepEqual(
    server.asked.filter((each) => each.includes('/cancel')).sort(),
    [8, 9].map((number) => `/runs/${rowId(number)}/cancel {}`),
  )
  await button(page, 'Dismiss').click()
  await page.locator('.bulk').waitFor({ state: 'detached' })
})

test('a run for which a page to sign in came in place of an answer does not count as cancelled', async () => {
  const { page } = await show()
  await page.route('**/cancel', (route) => route.fulfill({ contentType: 'text/html', body: '<h1>Sign in</h1>' }))
  await row(page, 9).getByRole('checkbox').check()
  await button(page, 'Cancel 1').click()
  await button(page, 'Cancel 1').click()
  const outcome = page.locator('.outcome')
  await outcome.getByText('The server cannot be reached').waitFor()
  assert.equal(await outcome.getByText('accepted').count(), 0)
  await page.unroute('**/cancel')
})

test('what is asked is about what is selected and shown, and no question is left of another list', async () => {
  const { page } = await show()
  server.answers.set(`/runs/${rowId(8)}/cancel`, { status: 200, body: DONE })
  for (const number of [9, 8]) await row(page, number).getByRole('checkbox').check()
  await button(page, 'Cancel 2').click()
  await page.getByText('Cancel 2 runs?').waitFor()
  await button(page, 'Failed').click()
  enter(await server.next())
  await page.locator('.bulk').waitFor({ state: 'detached' })
  await button(page, 'Clear filters').click()
  enter(await server.next())
  for (const number of [9, 8]) await row(page, number).getByRole('checkbox').check()
  await button(page, 'Cancel 2').click()
  await page.getByText('Cancel 2 runs?').waitFor()
  await row(page, 9).getByRole('checkbox').uncheck()
  await page.getByText('Cancel 1 run?').waitFor()
  await button(page, 'Cancel 1').click()
  await page.locator('.outcome').waitFor()
  assert.deepEqual(
    server.asked.filter((each) => each.includes('/cancel')),
    [`/runs/${rowId(8)}/cancel {}`],
  )
  await button(page, 'Dismiss').click()
  await row(page, 9).getByRole('checkbox').check()
  await button(page, 'Cancel 1').click()
  await page.locator('stepcast-runs').evaluate((list) => list.removeAttribute('with-actions'))
  await page.locator('.bulk').waitFor({ state: 'detached' })
})

test('runs that have left the list are no longer selected', async () => {
  const { page, stream } = await show()
  for (const number of [9, 8]) await row(page, number).getByRole('checkbox').check()
  stream.send(leaveEvent(9))
  await row(page, 9).getByText('No longer in this list').waitFor()
  await page.getByText('2 selected').waitFor()
  await page.mouse.move(0, 0)
  await page.getByRole('searchbox').focus()
  await page.getByText('1 selected').waitFor()
  stream.send(leaveEvent(8))
  await page.locator('.bulk').waitFor({ state: 'detached' })
})

test('what is selected stays so when a link within the page is followed', async () => {
  const { page } = await show(`${ELEMENT}<a href="#help">Help</a><p id="help"></p>`)
  await button(page, 'Failed').click()
  enter(await server.next())
  await row(page, 6).getByRole('checkbox').check()
  await page.evaluate(() =>
    addEventListener('popstate', () => {
      document.title = 'followed'
    }),
  )
  await page.getByRole('link', { name: 'Help' }).click()
  await page.waitForFunction(() => document.title === 'followed')
  await page.locator('stepcast-runs').evaluate((list) => Reflect.get(list, 'updateComplete'))
  assert.equal(await row(page, 6).getByRole('checkbox').isChecked(), true)
})

test('older runs are live as far as that goes, then come by pages, in order and without a gap', async () => {
  const rows = Array.from({ length: 200 }, (_, index) => newOne(1_000 + index))
  const { page } = await show('<stepcast-runs limit="100"></stepcast-runs>', rows)
  await button(page, 'Older runs').click()
  const grown = await server.next()
  assert.deepEqual(grown.runs, [{ limit: 200 }])
  assert.equal(await page.locator('.row').count(), 100)
  enter(grown, rows)
  await row(page, 1_000).waitFor()
  const older = [999, 998].map(oldOne)
  server.documents.set(`/runs?limit=50&after=${rowId(1_000)}`, { runs: older, next: null })
  await button(page, 'Older runs').click()
  await row(page, 998).waitFor()
  await page.getByText('These are all.').waitFor()
  // who has scrolled, or points at the rows, is not disturbed
  await page.mouse.move(0, 0)
  await page.evaluate(() => scrollTo(0, 0))
  grown.send(leaveEvent(1_000))
  grown.send(newOne(1_200))
  await row(page, 1_200).waitFor()
  assert.deepEqual(
    await shownRuns(page),
    Array.from({ length: 203 }, (_, index) => rowId(1_200 - index)),
  )
})

test('older runs and workflows that do not come in time can be asked for again', async () => {
  const { page } = await openPage(browser, server, '')
  await page.clock.install()
  const asked = [/\/workflows$/, /after=/].map((url) => page.waitForRequest(url))
  // the server says nothing
  for (const url of [/\/workflows$/, /after=/]) await page.route(url, () => {})
  await page.evaluate(() => {
    document.body.innerHTML = '<stepcast-runs limit="200" with-filters></stepcast-runs>'
  })
  const rows = Array.from({ length: 200 }, (_, index) => newOne(1_000 + index))
  const stream = await server.next()
  enter(stream, rows)
  await button(page, 'Older runs').click()
  await Promise.all(asked)
  await page.clock.fastForward(20_000)
  await page.getByText('Older runs could not be read.').waitFor()
  await page.unrouteAll()
  server.documents.set(`/runs?limit=50&after=${rowId(1_000)}`, { runs: [oldOne(999)], next: null })
  await button(page, 'Older runs').click()
  await row(page, 999).waitFor()
  stream.cut()
  enter(await server.next(), rows)
  await page.getByRole('option', { name: 'Project initialization' }).waitFor({ state: 'attached' })
})

test('a run that is pushed out while older ones are read stands above them, and once however often it goes', async () => {
  const rows = Array.from({ length: 200 }, (_, index) => newOne(1_000 + index))
  const { page, stream } = await show('<stepcast-runs limit="200"></stepcast-runs>', rows)
  server.documents.set(`/runs?limit=50&after=${rowId(1_000)}`, { runs: [oldOne(999)], next: null })
  const [asked, read] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  await page.route(/after=/, async (route) => {
    asked.resolve()
    await read.promise
    await route.continue()
  })
  await button(page, 'Older runs').click()
  await asked.promise
  await page.mouse.move(0, 0)
  await page.evaluate(() => scrollTo(0, 0))
  for (let times = 0; times < 2; times++) {
    stream.send(leaveEvent(1_000))
    stream.send(newOne(1_200))
    await row(page, 1_200).waitFor()
    read.resolve()
    await row(page, 999).waitFor()
    assert.deepEqual(
      await shownRuns(page),
      Array.from({ length: 202 }, (_, index) => rowId(1_200 - index)),
    )
    stream.send(leaveEvent(1_200))
    stream.send(newOne(1_000))
    await row(page, 1_200).waitFor({ state: 'detached' })
  }
})

test('what is no number of runs, or too many, is taken for one that a list can hold', async () => {
  const { page } = await openPage(browser, server, '<stepcast-runs limit="many"></stepcast-runs>')
  const list = page.locator('stepcast-runs')
  const asked = async () => {
    const stream = await server.next()
    stream.ready()
    return stream.runs
  }
  assert.deepEqual(await asked(), [{ limit: 50 }])
  await list.evaluate((element) => element.setAttribute('limit', '-3'))
  assert.deepEqual(await asked(), [{ limit: 1 }])
  await list.evaluate((element) => element.removeAttribute('limit'))
  assert.deepEqual(await asked(), [{ limit: 50 }])
  await list.evaluate((element) => element.setAttribute('limit', '1000'))
  assert.deepEqual(await asked(), [{ limit: 200 }])
})

test('what a search does not find among the newest it looks for further back', async () => {
  const after = rowId(9)
  server.documents.set(`/runs?limit=50&after=${after}&q=nightly`, { runs: [oldOne(1)], next: rowId(1) })
  server.documents.set(`/runs?limit=50&after=${rowId(1)}&q=nightly`, { runs: [], next: null })
  const { page } = await show(ELEMENT.replace('with-filters', 'with-filters q="nightly"'), [
    listed(9, { key: 'nightly-9' }, at('Push', 1, 2)),
  ])
  await row(page, 1).waitFor()
  await button(page, 'Older runs').click()
  await page.getByText('These are all.').waitFor()
})

test('where further back may not be looked, as with a token for one key, what is live is all', async () => {
  server.forbidden.set('/runs?', { status: 403, detail: 'You do not have the right run:read here.' })
  const html = '<stepcast-runs workflow="project_init" run-key="aurora-web"></stepcast-runs>'
  const { page } = await openPage(browser, server, html)
  const refused = page.waitForResponse(/after=/)
  enter(await server.next(), MIXED)
  await refused
  await page.locator('.older').waitFor({ state: 'detached' })
  assert.equal(await page.locator('.row').count(), 1)
  assert.equal(server.asked.filter((url) => url.startsWith('/runs?')).length, 1)
})

test('who may read no run at all is told so', async () => {
  server.forbidden.set('/runs?', { status: 403, detail: 'You do not have the right run:read here.' })
  const { page } = await openPage(browser, server, '<stepcast-runs></stepcast-runs>')
  enter(await server.next(), [])
  await page.getByText('You do not have the right run:read here.').waitFor()
})

test('runs that are found further back are shown where none of the newest may be seen', async () => {
  const hidden = rowId(5)
  server.documents.set('/runs?limit=50', { runs: [], next: hidden })
  server.documents.set(`/runs?limit=50&after=${hidden}`, { runs: [oldOne(1)], next: null })
  const { page } = await show(ELEMENT, [])
  await button(page, 'Older runs').click()
  await row(page, 1).waitFor()
  await page.getByText('These are all.').waitFor()
})

test('where some of the newest may not be seen there are older ones to be had, as many as the list wants', async () => {
  const hidden = rowId(1)
  server.documents.set(`/runs?limit=9&after=${rowId(2)}`, { runs: [], next: hidden })
  server.documents.set(`/runs?limit=9&after=${hidden}`, { runs: [oldOne(0)], next: null })
  const { page } = await show('<stepcast-runs limit="9"></stepcast-runs>')
  await button(page, 'Older runs').click()
  await row(page, 0).waitFor()
  assert.equal(await page.locator('.row').count(), MIXED.length + 1)
})

test('a list that becomes full has older runs to be had', async () => {
  const { page, stream } = await show('<stepcast-runs limit="9"></stepcast-runs>')
  for (const number of [11, 12]) stream.send(newOne(number))
  stream.send(leaveEvent(2))
  await button(page, 'Older runs').waitFor()
})

test('groups stand in the order of what goes on, and a run changes its group only when nobody looks', async () => {
  const { page, stream } = await show()
  await button(page, 'Group by state').click()
  const headings = () => page.locator('.group').allTextContents()
  assert.deepEqual(await headings(), ['Running 3', 'Waiting 1', 'Failed 1', 'Cancelled 1', 'Completed 2'])
  assert.equal(new URL(page.url()).search, '?group=status')
  await row(page, 6).locator('a').focus()
  stream.send(rowPatchEvent(6, { revision: 2, status: 'running', error: null }))
  await row(page, 6).getByText('Running').waitFor()
  assert.deepEqual((await headings())[2], 'Failed 1')
  await page.getByRole('searchbox').focus()
  await page.getByText('Running 4').waitFor()
})

test('a lost connection is told, and what was there stays; one that is refused says what is missing', async () => {
  const { page, stream } = await show()
  server.refusals.push({ status: 503 })
  stream.cut()
  await page.getByText('Reconnecting…').waitFor()
  assert.equal(await page.locator('.row').count(), MIXED.length)
  enter(await server.next(), MIXED.slice(1))
  await row(page, 9).waitFor({ state: 'detached' })
  await page.getByText('Live').waitFor()
  server.refusals.push({ status: 403, detail: 'You do not have the right run:read here.' })
  await button(page, 'Failed').click()
  await page.getByText('You do not have the right run:read here.').waitFor()
  await button(page, 'Try again').click()
  enter(await server.next(), MIXED.slice(3, 4))
  await row(page, 6).waitFor()
})

test('with a new token a list keeps the rows that a reader has asked for', async () => {
  const { page, stream } = await show('<stepcast-runs limit="4"></stepcast-runs>', MIXED.slice(0, 4))
  await button(page, 'Older runs').click()
  const longer = await server.next()
  enter(longer, MIXED.slice(0, 6))
  await page.locator('.row').nth(5).waitFor()
  await stream.closed
  await page.locator('stepcast-runs').evaluate((list) => Object.assign(list, { token: 'another' }))
  const renewed = await server.next()
  assert.equal(renewed.token, 'Bearer another')
  assert.deepEqual(renewed.runs, [{ limit: 8 }])
  assert.equal(await page.locator('.row').count(), 6)
  enter(renewed, MIXED.slice(1, 6))
  await page.locator(`.gone[data-run="${rowId(9)}"]`).waitFor()
})

test('that a reader wants to see all, in one list, stands in the address where attributes ask for some, in groups', async () => {
  const { page } = await show(
    '<stepcast-runs workflow="import_file" group-by="status" with-filters with-address></stepcast-runs>',
  )
  await page.getByRole('combobox').selectOption('')
  await button(page, 'Group by state').click()
  assert.equal(new URL(page.url()).search, '?workflow=&group=')
  const all = await server.next()
  assert.deepEqual(all.runs, [{ limit: 50 }])
  await page.reload()
  const again = await server.next()
  assert.deepEqual(again.runs, [{ limit: 50 }])
  enter(again, MIXED)
  await row(page, 9).waitFor()
  assert.equal(await button(page, 'Group by state').getAttribute('aria-pressed'), 'false')
})

test('in a frame that has no address of its own a filter is told all the same', async () => {
  const { page } = await openPage(browser, server, '')
  await page.evaluate((src) => {
    const frame = document.createElement('iframe')
    frame.srcdoc = `<script type="module" src="${src}/stepcast.js"></script><stepcast-runs src="${src}" with-filters with-address></stepcast-runs>`
    document.body.append(frame)
  }, server.src)
  const stream = await server.next()
  enter(stream, MIXED)
  const list = page.frameLocator('iframe').locator('stepcast-runs')
  const told = list.evaluate(
    (it) =>
      new Promise((resolve) =>
        it.addEventListener('stepcast-filter', (event) => resolve((event as CustomEvent).detail.statuses)),
      ),
  )
  await list.getByRole('button', { name: 'Failed' }).click()
  assert.deepEqual(await told, ['failed'])
})

test('a reader who has scrolled a box in which the list is keeps the rows in their places', async () => {
  const { page, stream } = await show('<div id="box"><stepcast-runs></stepcast-runs></div>')
  const box = page.locator('#box')
  await box.evaluate(({ style }) => Object.assign(style, { height: '200px', overflow: 'auto' }))
  await box.evaluate((it) => it.scrollTo(0, 150))
  stream.send(newOne(11))
  await button(page, '↑ 1 new').waitFor()
  await box.evaluate((it) => it.scrollTo(0, 0))
  stream.send(newOne(12))
  await row(page, 12).waitFor()
})
