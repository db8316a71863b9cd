import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import type { RunEvent } from '../../client/reducer.ts'
import { openPage, overflows, serveElements, violations } from './element-page.ts'
import type { FakeServer, Stream } from './fake-server.ts'
import { detailsOf, done, failed, OVER, type RunState, running, states, sub, three } from './run-states.ts'
import { at, listed } from './runs-states.ts'
import { DONE, endEvent, logEvent, patchEvent, RUN, snapshotEvent } from './samples.ts'
import { useServer } from './use-server.ts'

const ELEMENT = `<stepcast-run run-id="${RUN}" with-logs with-actions></stepcast-run>`

let browser: Browser
let server: FakeServer
useServer(serveElements, (...both) => {
  ;[browser, server] = both
})

/** Shows a state and waits until it is drawn. */
async function show(page: Page, stream: Stream, { run, steps }: RunState): Promise<void> {
  stream.send(snapshotEvent({ revision: 1, ...run }, steps))
  stream.ready()
  await page.locator('stepcast-run ol.steps li.step .name').first().waitFor()
}

const bar = (page: Page) => page.getByRole('progressbar')
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

test('what stands in place of a run that cannot be shown is told in words', async () => {
  const other = ELEMENT.replace(RUN, 'other')
  const none = '<stepcast-run workflow="a" run-key="b"></stepcast-run><stepcast-run></stepcast-run>'
  const { page } = await openPage(browser, server, ELEMENT + other + none)
  const stream = await server.next()
  stream.send(endOf(RUN, 'not-found'))
  stream.send(endOf('other', 'deleted'))
  stream.ready()
  for (const text of ['No such run', 'This run was deleted', 'No run yet', 'Which run?'])
    await page.getByText(text).waitFor()
  assert.deepEqual(await violations(page), [])
})

function endOf(id: string, reason: 'not-found' | 'deleted'): RunEvent {
  return { type: 'end', epoch: null, id: null, data: { run: { id, revision: 0, status: null }, reason } }
}

test('who may not see the run is told so, and can try again', async () => {
  server.refusals.push({ status: 401, detail: 'Who are you?' })
  const { page } = await openPage(browser, server, ELEMENT)
  await page.getByText('You may not see this run').waitFor()
  await button(page, 'Try again').click()
  await show(page, await server.next(), states.running)
  const card = page.locator('stepcast-run .card:focus')
  await card.waitFor()
  assert.deepEqual(await violations(page), [])
  await page.keyboard.press('Tab')
  await card.waitFor({ state: 'detached' })
  assert.equal(await page.locator('stepcast-run .card[tabindex]').count(), 0)
})

for (const [status, who, told] of [
  [403, 'who may not see the run any more', 'You may not see this run'],
  [401, 'whose token has ended', 'You are no longer signed in'],
] as const) {
  test(`${who} is told so beside it, and can try again`, async () => {
    const { page } = await openPage(browser, server, ELEMENT)
    const stream = await server.next()
    await show(page, stream, states.running)
    server.refusals.push({ status })
    stream.retry(0)
    stream.end()
    await page.getByText(told).waitFor()
    assert.equal(await page.getByText('46%', { exact: true }).count(), 1)
    assert.deepEqual(await violations(page), [])
    await button(page, 'Try again').click()
    await server.next().then((again) => again.ready())
    await page.getByText('Live', { exact: true }).waitFor()
    assert.equal(await page.getByText(told).count(), 0)
  })
}

test('a step that waits for its next try says when, and why, once', async () => {
  const { page } = await openPage(browser, server, ELEMENT)
  await show(page, await server.next(), states.waiting)
  assert.match((await page.locator('li.step', { hasText: 'Push template' }).textContent()) ?? '', /next try in \d+/)
  assert.equal(await page.getByText('No answer.').count(), 1)
  assert.equal(await page.getByText('The last try failed: No answer.').count(), 1)
})

test('a patch moves the bar, the words and the steps', async () => {
  const { page } = await openPage(browser, server, ELEMENT)
  const stream = await server.next()
  await show(page, stream, { run: { progress: 10 }, steps: three(running) })
  assert.equal(await bar(page).getAttribute('aria-valuetext'), '10%, Step 1 of 3, Resolve credentials')
  stream.send(patchEvent({ revision: 2, progress: 46 }, three(done, running).slice(0, 2)))
  await page.getByText('46%').waitFor()
  assert.equal(await bar(page).getAttribute('aria-valuenow'), '46')
  assert.equal(
    await page
      .locator('[aria-current=step] .name')
      .textContent()
      .then((text) => text?.includes('Push template')),
    true,
  )
  assert.equal(await page.getByRole('status').textContent(), 'Step 2 of 3: Push template')
})

test('it is at the step that runs, also where one beside that has failed', async () => {
  const { page } = await openPage(browser, server, ELEMENT)
  await show(page, await server.next(), { run: { progress: 10 }, steps: three(failed, running) })
  assert.equal(await bar(page).getAttribute('aria-valuetext'), '10%, Step 2 of 3, Push template')
})

test('the end is announced, the bar is full, and the element says so to the page', async () => {
  const { page } = await openPage(browser, server, ELEMENT)
  const stream = await server.next()
  await show(page, stream, { run: { progress: 90 }, steps: three(done, done, running) })
  await page.evaluate(() =>
    addEventListener('stepcast-end', ({ detail }: CustomEventInit) =>
      document.body.setAttribute('data-end', detail.reason),
    ),
  )
  stream.send(
    patchEvent(
      { revision: 2, status: 'completed', progress: 100, completedAt: OVER, duration: 43_000 },
      three(done, done, done),
    ),
  )
  stream.send(endEvent(2))
  await page.locator('body[data-end=completed]').waitFor()
  await page.getByText('took 43 s').waitFor()
  assert.equal(await page.getByRole('status').textContent(), 'Completed')
  assert.equal(await page.evaluate(() => document.querySelector('stepcast-run')?.matches(':state(completed)')), true)
})

test('of a long error the first line is announced, or what fits of it', async () => {
  const { page } = await openPage(browser, server, ELEMENT)
  const stream = await server.next()
  await show(page, stream, states.running)
  const fail = (revision: number, error: string) =>
    stream.send(patchEvent({ revision, status: 'failed', completedAt: OVER, error }))
  const announced = async (text: string) =>
    assert.equal(await page.getByRole('status').filter({ hasText: text }).textContent(), text)
  fail(2, 'No such file'.concat('\n  at read (files.ts:1)'.repeat(600)))
  await announced('Failed: No such file…')
  fail(3, 'x'.repeat(201))
  await announced(`Failed: ${'x'.repeat(200)}…`)
})

test('that the run is deleted is announced', async () => {
  const { page } = await openPage(browser, server, ELEMENT)
  const stream = await server.next()
  await show(page, stream, states.running)
  await page.locator('stepcast-run:state(live)').waitFor()
  stream.send(endEvent(2, 'deleted'))
  await page.getByRole('status').filter({ hasText: 'This run was deleted' }).waitFor()
})

test('an end is told once, though the element is put back; another one is told', async () => {
  const { page } = await openPage(browser, server, ELEMENT)
  await page.evaluate(() => {
    const ends: string[] = []
    addEventListener('stepcast-end', ({ detail }: CustomEventInit) => ends.push(detail.run.completedAt))
    Object.assign(window, { ends })
  })
  const end = async (completedAt: string, revision: number) => {
    const stream = await server.next()
    stream.send(snapshotEvent({ ...states.completed.run, completedAt, revision }, states.completed.steps))
    stream.send(endEvent(revision))
    stream.ready()
    return stream
  }
  const first = await end(OVER, 1)
  await page.locator('stepcast-run:state(live)').waitFor()
  await page.evaluate(() => {
    const element = document.querySelector('stepcast-run')
    element?.remove()
    Object.assign(window, { element })
  })
  await first.closed
  await page.evaluate(() => document.body.append(Reflect.get(window, 'element')))
  const second = await end(OVER, 1)
  const later = new Date(Date.parse(OVER) + 1_000).toISOString()
  second.send(snapshotEvent({ ...states.completed.run, completedAt: later, revision: 2 }, states.completed.steps))
  second.send(endEvent(2))
  await page.waitForFunction((later) => Reflect.get(window, 'ends').includes(later), later)
  assert.deepEqual(await page.evaluate(() => Reflect.get(window, 'ends')), [OVER, later])
  // Another run, which goes on, and back.
  const other = RUN.replace(/^./, 'f')
  const showRun = (run: string) =>
    page.evaluate((run) => document.querySelector('stepcast-run')?.setAttribute('run-id', run), run)
  await showRun(other)
  const stream = await server.next()
  stream.send(snapshotEvent({ ...states.running.run, id: other }, states.running.steps))
  stream.ready()
  await page.getByText('46%').waitFor()
  await showRun(RUN)
  await end(later, 2)
  await page.waitForFunction(() => Reflect.get(window, 'ends').length === 3)
})

test('of the run before nothing is left, and nothing is told, once another is named, or none', async () => {
  const { page } = await openPage(browser, server, ELEMENT)
  const stream = await server.next()
  await show(page, stream, states.running)
  const other = RUN.replace(/^./, 'f')
  await page.evaluate((run) => document.querySelector('stepcast-run')?.setAttribute('run-id', run), other)
  const second = await server.next()
  second.send(snapshotEvent({ ...states.failed.run, id: other }, states.failed.steps))
  second.ready()
  await page.getByText('The remote refused the push.').first().waitFor()
  await page.evaluate(() => new Promise(requestAnimationFrame))
  assert.equal(await page.getByRole('status').textContent(), '')
  await page.evaluate(() => document.querySelector('stepcast-run')?.removeAttribute('run-id'))
  await page.getByText('Which run?').waitFor()
  assert.equal(await page.locator('stepcast-run li.step .name').count(), 0)
})

test('a question that is open is not asked of another server’s run', async () => {
  const { page } = await openPage(browser, server, ELEMENT)
  await show(page, await server.next(), states.running)
  await button(page, 'Cancel').click()
  await button(page, 'Cancel run').waitFor()
  await page.evaluate(() => document.querySelector('stepcast-run')?.setAttribute('src', '.'))
  await show(page, await server.next(), { ...states.running, run: { ...states.running.run, progress: 70 } })
  await page.getByText('70%', { exact: true }).waitFor()
  assert.equal(await button(page, 'Cancel run').count(), 0)
  await button(page, 'Cancel').waitFor()
})

test('a question goes with the actions, and does not come back with them', async () => {
  const { page } = await openPage(browser, server, ELEMENT)
  await show(page, await server.next(), states.running)
  await button(page, 'Cancel').click()
  await focusOn(page, 'Keep running')
  const allow = (may: boolean) =>
    page.evaluate((may) => document.querySelector('stepcast-run')?.toggleAttribute('with-actions', may), may)
  await allow(false)
  await button(page, 'Cancel run').waitFor({ state: 'detached' })
  await focusOn(page, 'Timeline')
  await allow(true)
  await button(page, 'Cancel').waitFor()
  assert.equal(await button(page, 'Cancel run').count(), 0)
})

test('what a workflow writes is text', async () => {
  const evil = '<img src=x onerror="document.title = 1">'
  const { page } = await openPage(browser, server, ELEMENT)
  const step = { ...failed, displayName: evil, error: evil, errorStack: evil, message: evil }
  await show(page, await server.next(), {
    run: { status: 'failed', completedAt: OVER, displayName: evil },
    steps: three(done, step),
  })
  assert.equal(await page.locator('stepcast-run img').count(), 0)
  assert.equal(await page.locator('stepcast-run h2').textContent(), evil)
})

test('what is done folds, what runs is open, and the reader’s choice sticks', async () => {
  const { page } = await openPage(browser, server, ELEMENT)
  const stream = await server.next()
  const subs = [sub(4, done), sub(5, running)]
  await show(page, stream, { run: {}, steps: [...three(done, running), ...subs] })
  await page.getByText('Sub 5').waitFor()
  stream.send(patchEvent({ revision: 2 }, [...three(done, done, running).slice(1), sub(5, done)]))
  await page.getByText('Sub 5').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Sub-steps of Push template: 2 sub-steps' }).click()
  await page.getByText('Sub 5').waitFor()
  stream.send(patchEvent({ revision: 3, progress: 80 }, three(done, done, { ...running, progress: 60 }).slice(2)))
  await page.getByText('80%').waitFor()
  assert.equal(await page.getByText('Sub 5').count(), 1)
})

test('cancel asks first, keeps the focus, shows that it is under way and explains a conflict', async () => {
  server.answers.set(`/runs/${RUN}/cancel`, { status: 409, body: { detail: 'It is completed already.' } })
  const { page } = await openPage(browser, server, ELEMENT)
  await show(page, await server.next(), states.running)
  await button(page, 'Cancel').click()
  await focusOn(page, 'Keep running')
  await page.keyboard.press('Escape')
  await focusOn(page, 'Cancel')
  await page.keyboard.press('Enter')
  await focusOn(page, 'Keep running')
  await button(page, 'Cancel run').click()
  const alert = page.getByRole('alert')
  await alert.waitFor()
  assert.match((await alert.textContent()) ?? '', /The run was not cancelled\.\s+It is completed already\./)
  assert.deepEqual(await violations(page), [])
  await button(page, 'Dismiss').click()
  await alert.waitFor({ state: 'detached' })
})

async function focusOn(page: Page, text: string): Promise<void> {
  await page.waitForFunction(
    (wanted) => document.activeElement?.shadowRoot?.activeElement?.textContent?.trim() === wanted,
    text,
  )
}

test('a server that does not answer a request to cancel is not waited for for ever', async () => {
  const { page } = await openPage(browser, server, ELEMENT)
  await show(page, await server.next(), states.running)
  await page.evaluate(() => {
    const { timeout } = AbortSignal
    AbortSignal.timeout = () => timeout.call(AbortSignal, 10)
  })
  await page.route('**/cancel', () => {})
  await button(page, 'Cancel').click()
  await button(page, 'Cancel run').click()
  await page.getByText('The server did not answer').waitFor()
  await focusOn(page, 'Cancel run')
})

test('retry from a step asks the server for that step, and the new snapshot lowers the bar', async () => {
  server.answers.set(`/runs/${RUN}/retry`, { status: 200, body: DONE })
  const { page } = await openPage(browser, server, ELEMENT)
  const stream = await server.next()
  await show(page, stream, states.failed)
  await button(page, 'Retry from here: Resolve credentials').click()
  await page.getByText('Run again from “Resolve credentials”?').waitFor()
  await page.locator('#sure').click()
  await button(page, 'Retrying…').waitFor()
  assert.deepEqual(server.asked.at(-1), `/runs/${RUN}/retry {"from":"s1"}`)
  stream.send(snapshotEvent({ revision: 9, progress: 3 }, three(running)))
  await page.getByText('3%', { exact: true }).waitFor()
  await button(page, 'Cancel').waitFor()
})

test('a page that prevents the request does it in its own way', async () => {
  const { page } = await openPage(browser, server, ELEMENT)
  await show(page, await server.next(), states.failed)
  await page.evaluate(() => addEventListener('stepcast-retry-request', (event) => event.preventDefault()))
  const asked = server.asked.length
  await button(page, 'Retry').click()
  await page.evaluate(() => new Promise(requestAnimationFrame))
  assert.equal(server.asked.length, asked)
  await button(page, 'Retry').waitFor()
})

test('the log is fetched when it is opened, follows its end, and stays where the reader scrolled to', async () => {
  const { page } = await openPage(browser, server, ELEMENT)
  await show(page, await server.next(), states.running)
  await button(page, 'Logs').click()
  const stream = await server.next()
  assert.equal(stream.url, '/events?logs=1')
  stream.send(snapshotEvent({ revision: 1 }, states.running.steps))
  stream.send(logEvent(Array.from({ length: 60 }, (_, index) => index + 1)))
  stream.ready()
  await page.getByText('line 60').waitFor()
  const log = page.getByRole('log')
  const fromEnd = () => log.evaluate((panel) => panel.scrollHeight - panel.scrollTop - panel.clientHeight)
  await page.waitForFunction(
    () => (document.querySelector('stepcast-run')?.shadowRoot?.querySelector('.log')?.scrollTop ?? 0) > 0,
  )
  assert.ok((await fromEnd()) < 2)
  assert.deepEqual(await violations(page), [])
  await log.evaluate((panel) => panel.scrollTo(0, 100))
  stream.send(logEvent([61, 62]))
  await page.getByText('line 62').waitFor()
  assert.equal(await log.evaluate((panel) => panel.scrollTop), 100)
})

test('the error and its stack can be copied where there is no clipboard', async () => {
  const { page } = await openPage(browser, server, `${ELEMENT}<textarea aria-label="paste"></textarea>`)
  await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }))
  await show(page, await server.next(), states.failed)
  await page.evaluate(() =>
    document.addEventListener('copy', () => Object.assign(window, { copied: String(getSelection()) })),
  )
  await button(page, 'Copy error').click()
  await button(page, 'Copied').waitFor()
  const copied = await page.evaluate(() => (window as unknown as { copied: string }).copied)
  assert.match(copied, /The remote refused the push\..*PushError: refused.*GitError/s)
})

test('in a dialog too the error is copied without a clipboard, and the focus stays', async () => {
  const { page } = await openPage(browser, server, `<dialog>${ELEMENT}</dialog>`)
  await page.evaluate(() => {
    Object.defineProperty(navigator, 'clipboard', { value: undefined })
    const dialog = document.querySelector('dialog') as HTMLDialogElement
    dialog.style.width = '600px'
    dialog.showModal()
  })
  await show(page, await server.next(), states.failed)
  await page.evaluate(() =>
    document.addEventListener('copy', () => Object.assign(window, { copied: String(getSelection()) })),
  )
  await button(page, 'Copy error').focus()
  await page.keyboard.press('Enter')
  await button(page, 'Copied').waitFor()
  await focusOn(page, 'Copied')
  assert.match(await page.evaluate(() => (window as unknown as { copied: string }).copied), /The remote refused/)
})

test('Escape in a dialog takes back the question first, and what is being composed before that', async () => {
  const { page } = await openPage(browser, server, `<dialog>${ELEMENT}</dialog>`)
  await page.evaluate(() => {
    const dialog = document.querySelector('dialog') as HTMLDialogElement
    dialog.style.width = '600px'
    dialog.showModal()
  })
  await show(page, await server.next(), states.running)
  await button(page, 'Cancel').click()
  await focusOn(page, 'Keep running')
  await page.getByRole('textbox').evaluate((field) => {
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', isComposing: true, bubbles: true }))
  })
  await page.evaluate(() => new Promise(requestAnimationFrame))
  await focusOn(page, 'Keep running')
  await page.keyboard.press('Escape')
  await focusOn(page, 'Cancel')
  assert.equal(await page.evaluate(() => document.querySelector('dialog')?.open), true)
  await page.keyboard.press('Escape')
  await page.waitForFunction(() => !document.querySelector('dialog')?.open)
})

test('links lead to a place in the page, where the page has a base too', async () => {
  const base = '<base href="/app/">'
  // The policy of these pages allows none.
  const { page } = await openPage(browser, server, base + ELEMENT.replace('with-logs', 'with-logs with-links'), {
    bypassCSP: true,
  })
  await show(page, await server.next(), states.running)
  await page.getByRole('link', { name: 'Link to Finish' }).click()
  await button(page, 'Logs').click()
  const stream = await server.next()
  stream.send(snapshotEvent({ revision: 1 }, states.running.steps))
  stream.send(logEvent([1]))
  stream.ready()
  await page.locator('#L1 a').click()
  await page.waitForURL(`${server.src}/#line=1`)
})

test('in another document, and back, it keeps its styles, and gets those of what is opened there', async () => {
  const { page, complaints } = await openPage(browser, server, `${ELEMENT}<iframe></iframe>`)
  server.documents.set(`/runs/${RUN}`, detailsOf(states.failed))
  const stream = await server.next()
  await show(page, stream, states.failed)
  await page.getByText('The remote refused the push.').first().waitFor()
  const looks = () =>
    page.evaluate(() => {
      const inside = document.querySelector('iframe')?.contentDocument
      const root = document.querySelector('stepcast-run') ?? inside?.querySelector('stepcast-run')
      const parts = root?.shadowRoot?.querySelectorAll('.card, .error p, .log') ?? []
      return [...parts].map((part) => {
        const { borderTopWidth, color, fontFamily } = part.ownerDocument.defaultView?.getComputedStyle(part) ?? {}
        return [borderTopWidth, color, fontFamily]
      })
    })
  const before = await looks()
  const move = (isIn: boolean) =>
    page.evaluate((isIn) => {
      const { body } = document.querySelector('iframe')?.contentDocument ?? document
      const [from, to] = isIn ? [document.body, body] : [body, document.body]
      const element = from.querySelector('stepcast-run')
      if (element) to.append(element)
    }, isIn)
  await move(true)
  const inside = page.frameLocator('iframe')
  await inside.locator('stepcast-run:state(live)').waitFor()
  assert.deepEqual(await looks(), before)
  await inside.getByRole('button', { name: 'Logs' }).click()
  await inside.getByRole('log').waitFor()
  const opened = await looks()
  await move(false)
  await page.locator('stepcast-run:state(live)').waitFor()
  assert.deepEqual(await looks(), opened)
  assert.match(`${opened.at(-1)}`, /mono/)
  assert.deepEqual(complaints, [])
})

test('many elements share one connection, and loading the script twice is safe', async () => {
  const second = '<script type="module" src="/stepcast.js?again"></script>'
  const { page, complaints } = await openPage(browser, server, ELEMENT.repeat(3) + second)
  const stream = await server.next()
  await show(page, stream, states.running)
  await page.waitForFunction(() =>
    [...document.querySelectorAll('stepcast-run')].every((one) => one.shadowRoot?.querySelector('h2')),
  )
  assert.equal(server.streams.length, 1)
  assert.deepEqual(complaints, [])
})

test('the language changes with the page', async () => {
  const { page } = await openPage(browser, server, ELEMENT)
  await show(page, await server.next(), states.completed)
  await page.evaluate(() => document.documentElement.setAttribute('lang', 'zh'))
  await page.getByText('用时 43 秒').waitFor()
  await page.evaluate(() => document.querySelector('stepcast-run')?.setAttribute('lang', 'en-GB'))
  await page.getByText('took 43 s').waitFor()
})

test('the language of what is around it is followed within a shadow tree too', async () => {
  const { page } = await openPage(browser, server, '<div id="outer"></div>')
  await page.evaluate((element) => {
    const root = document.querySelector('#outer')?.attachShadow({ mode: 'open' })
    if (root) root.innerHTML = `<div id="around" lang="en">${element}</div>`
  }, ELEMENT)
  await show(page, await server.next(), states.completed)
  await page.locator('#around').evaluate((around) => around.setAttribute('lang', 'zh'))
  await page.getByText('用时 43 秒').waitFor()
})

test('an id is found however it is written', async () => {
  const id = 'abcdef00-0000-7000-8000-000000000001'
  const { page } = await openPage(browser, server, ELEMENT.replace(RUN, ` ${id.toUpperCase()} `))
  const stream = await server.next()
  assert.deepEqual(stream.runs, [{ run: id }])
  stream.send(snapshotEvent({ ...states.completed.run, id, revision: 1 }, states.completed.steps))
  stream.ready()
  await page.getByText('took 43 s').waitFor()
})

test('where width comes from what is inside, each element has one, and gives way where there is less room', async () => {
  const { page } = await openPage(browser, server, '')
  const places = ['row', 'column', 'grid', 'inline'].map((name) => (it: string) => `<div class="${name}">${it}</div>`)
  const elements = [ELEMENT, '<stepcast-runs></stepcast-runs>', '<stepcast-stats></stepcast-stats>']
  const all = [...places, (it: string) => `<dialog open>${it}</dialog>`].flatMap((place) => elements.map(place))
  const widths = await page.evaluate((html) => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(`.row { display: flex } .column { display: flex; flex-direction: column; align-items: start }
      .grid { display: grid; grid-template-columns: auto 1fr } .inline { display: inline-block }`)
    document.adoptedStyleSheets = [sheet]
    document.body.innerHTML = html
    const elements = [...document.querySelectorAll('stepcast-run, stepcast-runs, stepcast-stats')]
    return elements.map((element) => element.getBoundingClientRect().width)
  }, all.join(''))
  assert.deepEqual(
    widths,
    all.map(() => 480),
  )
  // In cells, which give what is in them its least width.
  await page.evaluate((elements) => {
    const cells = elements.map((it) => `<div>${it}</div>`).join('')
    const style = 'display: grid; grid-template-columns: repeat(3, 1fr); inline-size: 100%'
    document.body.insertAdjacentHTML('beforeend', `<div style="${style}">${cells}</div>`)
  }, elements)
  await page.setViewportSize({ width: 320, height: 800 })
  assert.equal(await overflows(page), false)
})

test('in a cell of a table whose lines do not break each element breaks its own', async () => {
  const others = '<stepcast-runs src="/none" with-filters></stepcast-runs><stepcast-stats src="/none"></stepcast-stats>'
  const { page } = await openPage(browser, server, `<table><tr><td>${ELEMENT}${others}</td></tr></table>`)
  await page.locator('td').evaluate((cell: HTMLElement) => {
    cell.style.whiteSpace = 'nowrap'
  })
  const message = 'Rows of a table whose name is longer than the element is wide are being loaded '.repeat(2)
  const { run, steps } = states.running
  const told = steps.map((step) => ({ ...step, displayName: `${step.displayName}, which ${message}`, message }))
  await show(page, await server.next(), { run, steps: told })
  await page.locator('stepcast-runs').getByRole('searchbox').waitFor()
  await page.locator('stepcast-stats').getByText('7 days', { exact: true }).waitFor()
  const [card, ...lines] = await page.evaluate(() => {
    const elements = [...document.querySelectorAll('stepcast-run, stepcast-runs, stepcast-stats')]
    const { scrollWidth = 0, clientWidth = 0 } = elements[0]?.shadowRoot?.querySelector('.card') ?? {}
    return [scrollWidth - clientWidth, ...elements.map((element) => getComputedStyle(element).whiteSpace)]
  })
  assert.equal(card, 0, 'wider than its card')
  assert.deepEqual(lines, ['normal', 'normal', 'normal'])
})

test('a key that is held on the button that cancels does not retry when the run has ended', async () => {
  const { page } = await openPage(browser, server, ELEMENT)
  await page.clock.install()
  const stream = await server.next()
  await show(page, stream, states.running)
  server.answers.set(`/runs/${RUN}/cancel`, { status: 200, body: DONE })
  server.answers.set(`/runs/${RUN}/retry`, { status: 200, body: DONE })
  await button(page, 'Cancel').click()
  await button(page, 'Cancel run').focus()
  await Promise.all([page.waitForResponse('**/cancel'), page.keyboard.down('Enter')])
  stream.send(snapshotEvent({ ...states.cancelled.run, revision: 9 }, states.cancelled.steps))
  await button(page, 'Retry').waitFor()
  await page.clock.fastForward(2_000)
  // Held down all the while.
  await page.keyboard.down('Enter')
  await page.keyboard.up('Enter')
  const retries = () => server.asked.filter((asked) => asked.includes('/retry')).length
  assert.equal(retries(), 0)
  // Held down, Tab goes on all the same: to the logs, and to that button.
  await button(page, 'Timeline').focus()
  for (let time = 0; time < 2; time++) await page.keyboard.down('Tab')
  await page.keyboard.up('Tab')
  await Promise.all([page.waitForResponse('**/retry'), page.keyboard.press('Enter')])
  assert.equal(retries(), 1)
})

test('a lost connection is shown as lost, and what was there stays', async () => {
  const { page } = await openPage(browser, server, ELEMENT)
  const stream = await server.next()
  await show(page, stream, states.running)
  server.refusals.push({ status: 502 })
  stream.cut()
  await page.getByText('Reconnecting…').waitFor()
  assert.equal(await page.getByText('46%').count(), 1)
  const again = await server.next()
  again.ready()
  await page.getByText('Live', { exact: true }).waitFor()
})

test('what ended today tells its date as well once the day is over, by a run and by a list', async () => {
  const row = listed(1, { status: 'completed', startedAt: OVER, completedAt: OVER, duration: 0 }, at('Push', 1, 1))
  for (const [html, begin, text] of [
    [
      ELEMENT,
      (stream: Stream) => stream.send(snapshotEvent({ ...states.completed.run, startedAt: OVER }, three())),
      '.who',
    ],
    ['<stepcast-runs></stepcast-runs>', (stream: Stream) => stream.send(row), 'time'],
  ] as const) {
    const { page } = await openPage(browser, server, '')
    await page.clock.install()
    await page.locator('main').evaluate((main, html) => main.setHTMLUnsafe(html), html)
    const stream = await server.next()
    begin(stream)
    stream.ready()
    const told = page.locator(text).getByText(/\d\d:\d\d/)
    await told.waitFor()
    // It is drawn before what tells the time anew has come.
    await page.locator('.is-live').waitFor()
    const before = server.streams.length
    await page.clock.setSystemTime(Date.now() + 86_400_000)
    for (let second = 0; second < 65; second += 5) {
      stream.beat()
      await page.clock.runFor(5_000)
    }
    await told.getByText(/, 20\d\d/).waitFor()
    // another connection would have had it drawn anew
    assert.equal(server.streams.length, before)
    await page.close()
  }
})

test('an address where no Stepcast is: what was answered is told, and where, by a run and by a list', async () => {
  const html = `<stepcast-run run-id="${RUN}" src="/wrong"></stepcast-run><stepcast-runs src="/wrong"></stepcast-runs>`
  const { page } = await openPage(browser, server, '')
  await page.clock.install()
  await page.route('**/wrong/events', (route) => route.fulfill({ status: 404, body: 'Not found' }))
  await page.locator('main').evaluate((main, html) => main.setHTMLUnsafe(html), html)
  for (const element of ['stepcast-run', 'stepcast-runs'].map((name) => page.locator(name))) {
    await element.locator('.is-reconnecting, .link.reconnecting').first().waitFor()
    await page.clock.fastForward(5_000)
    await element.getByText(`${server.src}/wrong/events answered 404.`).waitFor()
  }
})

test('a token that is undefined, as frameworks set it, or empty is none', async () => {
  const { page } = await openPage(browser, server, '')
  const statistics = page.waitForRequest('**/stats/running?*')
  await page.evaluate((run) => {
    const tokens = [{ token: undefined }, { token: '' }, {}]
    const runs = tokens.map((token) => Object.assign(document.createElement('stepcast-run'), { runId: run }, token))
    const [stats, list] = ['stepcast-stats', 'stepcast-runs'].map((name) =>
      Object.assign(document.createElement(name), { token: undefined }),
    )
    document.querySelector('main')?.append(...runs, stats ?? '', list ?? '')
  }, RUN)
  const streams = [await server.next()]
  while (!streams.at(-1)?.runs.some((asked) => 'limit' in asked)) streams.push(await server.next())
  assert.equal((await statistics).headers().authorization, undefined)
  assert.deepEqual([...new Set(streams.map(({ token }) => token))], [undefined])
  const last = streams.at(-1)
  assert.deepEqual(last?.runs, [{ run: RUN }, { limit: 50 }])
})

test('where getToken cannot give one, its reason is shown, and not that the server is away', async () => {
  const { page } = await openPage(browser, server, '')
  await page.clock.install()
  await page.evaluate((run) => {
    const element = document.createElement('stepcast-run')
    element.runId = run
    element.getToken = () => Promise.reject(new Error('Sign in again to see this.'))
    document.querySelector('main')?.append(element)
  }, RUN)
  await page.locator('.is-reconnecting').waitFor()
  await page.clock.fastForward(5_000)
  await page.getByText('Sign in again to see this.').waitFor()
  assert.equal(await page.getByText('The server cannot be reached').count(), 0)
})

/** How a stream ends after which another token is asked for. */
const TOKEN_ENDS: Record<string, (first: Stream) => void> = {
  'when that is not accepted any more': (first) => {
    server.refusals.push({ status: 401 })
    first.retry(0)
    first.end()
  },
  'before it comes back, where the stream ends because its token does': (first) => first.expire(),
}

for (const [when, end] of Object.entries(TOKEN_ENDS))
  test(`getToken gives it a token, and another ${when}`, async () => {
    const { page } = await openPage(browser, server, '')
    await page.evaluate((run) => {
      let given = 0
      const element = document.createElement('stepcast-run')
      element.runId = run
      element.getToken = async () => `t${++given}`
      document.querySelector('main')?.append(element)
    }, RUN)
    const first = await server.next()
    assert.equal(first.token, 'Bearer t1')
    first.send(snapshotEvent({ revision: 1 }))
    first.ready()
    await page.locator('stepcast-run .card.is-live').waitFor()
    end(first)
    const second = await server.next()
    assert.deepEqual([second.token, second.runs], ['Bearer t2', [{ run: RUN, since: 'e1-1' }]])
  })
