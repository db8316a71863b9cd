import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { Details } from '../../client/more/details.ts'
import { Operator } from '../../client/more/operator.ts'
import { violations } from './element-page.ts'
import { useRunPage } from './run-page.ts'
import { detailsOf, done, failed, operation, running, states, sub, three } from './run-states.ts'
import { aStep, DONE, logEvent, patchEvent, RUN, snapshotEvent } from './samples.ts'

const { show } = useRunPage()

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true })
const focused = (page: Page) =>
  page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.textContent?.replace(/\s+/g, ' ').trim() ?? '')

test('the bar is frozen where it failed, and has no value before it is known', async () => {
  const { page, stream } = await show(states.pending)
  const bar = page.getByRole('progressbar')
  assert.equal(await bar.getAttribute('aria-valuenow'), null)
  assert.equal(await bar.getAttribute('aria-valuetext'), 'Waiting')
  stream.send(snapshotEvent({ ...states.failed.run, revision: 2 }, states.failed.steps))
  await page.locator('.card.failed').waitFor()
  assert.equal(await bar.getAttribute('aria-valuenow'), '46')
  assert.equal(await page.locator('header rect').getAttribute('width'), '46%')
})

test('a running step says how long it usually takes, in which range, and on how many runs that stands', async () => {
  const { page } = await show(states.running)
  const time = page.locator('[aria-current=step] > .time')
  assert.match((await time.textContent())?.replaceAll('\u00a0', ' ') ?? '', /s · usually 20 s – 34 s \(50 runs\)/)
  assert.match((await page.locator('.meta').textContent()) ?? '', /Step 2 of 3 · Push template.*about .* left/s)
})

test('a step that takes longer than nearly all before it is marked', async () => {
  const { page } = await show(states.late)
  await page.locator('.step > .time.late', { hasText: 'longer than usual' }).waitFor()
})

test('why a run waits is said: for its turn, for its time, for a worker, for one that does not live', async () => {
  const { page, stream } = await show(states.parked)
  await page.getByText('Waiting for its turn: 2 run at a time').waitFor()
  stream.send(snapshotEvent({ ...states.planned.run, revision: 2 }, states.planned.steps))
  await page.getByText(/Starts at Jan 1, 2099/).waitFor()
  stream.send(snapshotEvent({ ...states.pending.run, revision: 3 }, states.pending.steps))
  await page.getByText('Waiting for a worker').waitFor()
  const old = { ...states.pending, run: { ...states.pending.run, createdAt: '2026-11-22T10:00:00Z' } }
  await (await show(old, { details: { unserved: true } })).page.getByText('No live worker can run this').waitFor()
})

test('the tries of a step can be chosen, and the time axis is that of the chosen one', async () => {
  const { page } = await show(states.failed)
  await button(page, 'attempt 2 of 2').click()
  await page.locator('.try').first().click()
  await page.getByText('Try 1 got no answer.').waitFor()
  await page.getByText(/failed · .* · 1\.0.s · on worker-1/).waitFor()
  await button(page, 'Timeline').click()
  const widthOfFailed = () => page.locator('.lane rect.failed').first().getAttribute('width')
  await page.getByLabel('Time shown').selectOption({ label: 'Push template, attempt 1' })
  await page.waitForFunction(() =>
    [...(document.querySelector('stepcast-run')?.shadowRoot?.querySelectorAll('.lane rect.failed') ?? [])].some(
      (rect) => rect.getAttribute('width') === '100%',
    ),
  )
  await page.getByLabel('Time shown').selectOption({ label: 'The whole run' })
  await page.waitForFunction(
    () => document.querySelector('stepcast-run')?.shadowRoot?.querySelectorAll('.lane rect.failed').length === 2,
  )
  assert.ok(Number.parseFloat((await widthOfFailed()) ?? '') < 50)
})

test('what the stream leaves out is asked for until it has come whole, and each time later', async (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setInterval'], now: Date.now() })
  const answer = detailsOf(states.failed)
  const cut = new Response('{"run":')
  const answers = [new Response('', { status: 502 }), cut, Response.json(answer)]
  const asked: number[] = []
  const endpoint = {
    src: '',
    fetch: async () => {
      asked.push((Date.now() - began) / 1_000)
      return answers.shift() ?? Response.error()
    },
  }
  const began = Date.now()
  const connection = { state: 'closed', since: 1 }
  const view = { run: answer.run, steps: answer.steps, connection }
  const host = { isConnected: true, addController: () => {}, requestUpdate: () => details.hostUpdated() }
  const details = new Details(host as never, { endpoint, view } as never, () => true)
  details.hostUpdated()
  for (let second = 0; second < 40; second++) {
    // Refused, nothing is asked for; it is back after ten seconds.
    if (second === 10) {
      Object.assign(connection, { state: 'live', since: 2 })
      details.hostUpdated()
    }
    await new Promise(setImmediate)
    t.mock.timers.tick(1_000)
  }
  assert.deepEqual(asked, [10, 14, 20])
  assert.equal(details.latest?.attempts.length, answer.attempts.length)
})

test('what the stream leaves out is asked for also where the clock of the machine was set back by hours', async (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setInterval'], now: Date.now() })
  const answer = detailsOf(states.failed)
  let asked = 0
  const fetch = async () => {
    asked++
    return Response.json(answer)
  }
  const view = { ...answer, connection: { state: 'live', since: 1 } }
  const host = { isConnected: true, addController: () => {}, requestUpdate: () => {} }
  const details = new Details(host as never, { endpoint: { src: '', fetch }, view } as never, () => true)
  details.hostUpdated()
  await new Promise(setImmediate)
  t.mock.timers.setTime(Date.now() - 7_200_000)
  view.run = { ...view.run, completedAt: 'later' }
  details.hostUpdated()
  await new Promise(setImmediate)
  assert.equal(asked, 2)
  details.hostDisconnected()
})

test('what the stream leaves out is asked for again where no answer comes', async (t) => {
  const { promise: askedAgain, resolve } = Promise.withResolvers<void>()
  const { timeout } = AbortSignal
  t.mock.method(AbortSignal, 'timeout', () => timeout.call(AbortSignal, 10))
  t.mock.timers.enable({ apis: ['Date', 'setInterval'], now: Date.now() })
  const { run, steps } = detailsOf(states.failed)
  let asked = 0
  const fetch = (_: string, { signal }: RequestInit) => {
    asked++
    if (asked === 2) resolve()
    return new Promise((_, reject) => asked === 1 && signal?.addEventListener('abort', () => reject(signal.reason)))
  }
  const view = { run, steps, connection: { state: 'live', since: 1 } }
  const host = {
    isConnected: true,
    addController: () => {},
    requestUpdate: () => {
      t.mock.timers.tick(4_000)
      details.hostUpdated()
    },
  }
  const details = new Details(host as never, { endpoint: { src: '', fetch }, view } as never, () => true)
  details.hostUpdated()
  const alive = setTimeout(() => {}, 5_000)
  await askedAgain
  clearTimeout(alive)
  details.hostDisconnected()
})

test('what the stream leaves out of one run is not said of another, and is there when the one is shown again', async (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setInterval'], now: Date.now() })
  const answer = detailsOf(states.failed)
  const { promise: answered, resolve } = Promise.withResolvers<Response>()
  const connection = { state: 'live', since: 1 }
  const watched = { endpoint: { src: '', fetch: () => answered }, view: { ...answer, connection } }
  const host = { isConnected: true, addController: () => {}, requestUpdate: () => {} }
  const details = new Details(host as never, watched as never, () => watched.view.run === answer.run)
  const known = () => details.latest?.run.id
  details.hostUpdated()
  watched.view = { ...watched.view, run: { ...answer.run, id: 'other' } }
  resolve(Response.json(answer))
  await new Promise(setImmediate)
  assert.equal(known(), undefined)
  details.hostUpdated()
  watched.view = { ...watched.view, run: answer.run }
  details.hostUpdated()
  assert.equal(known(), RUN)
  details.hostDisconnected()
})

test('the timeline is a table that tells when each step queued, waited and ran, and goes on while it runs', async () => {
  const { page } = await show(states.running)
  await button(page, 'Timeline').click()
  const table = page.getByRole('table', { name: 'Timeline of the run' })
  await table.waitFor()
  const row = table.getByRole('row', { name: /Push template/ })
  assert.deepEqual(await table.getByRole('columnheader').allTextContents(), [
    'Step',
    'started',
    'queued',
    'waited for a retry',
    'ran',
  ])
  assert.match((await row.getByRole('cell').last().textContent()) ?? '', /seconds?$/)
  const ran = () => row.getByRole('cell').last().textContent()
  const before = await ran()
  await page.waitForFunction(
    (text) =>
      [...(document.querySelector('stepcast-run')?.shadowRoot?.querySelectorAll('.lane') ?? [])]
        .at(1)
        ?.querySelector('[role=cell]:last-of-type')?.textContent !== text,
    before,
  )
})

test('a run that has not begun shows its steps, though the timeline of the one before is open', async () => {
  const { page, stream } = await show(states.completed)
  await button(page, 'Timeline').click()
  await page.getByRole('table').waitFor()
  stream.send(snapshotEvent({ ...states.planned.run, revision: 9 }, states.planned.steps))
  await page.getByText('Starts at').waitFor()
  assert.equal(await page.locator('li.step').count(), 3)
  assert.equal(await page.getByRole('table').count(), 0)
  stream.send(snapshotEvent({ ...states.running.run, revision: 10 }, states.running.steps))
  await page.getByRole('table').waitFor()
})

test('a timeline of many steps makes one format for all their times', async () => {
  const steps = Array.from({ length: 50 }, (_, at) => aStep({ id: at + 1, sequence: at + 1, step: `s${at}`, ...done }))
  const { page } = await show({ run: {}, steps })
  await page.evaluate(() => {
    const { DurationFormat } = Intl as unknown as { DurationFormat: new (...options: unknown[]) => object }
    let made = 0
    class Counted extends DurationFormat {
      constructor(...options: unknown[]) {
        super(...options)
        Object.assign(window, { made: ++made })
      }
    }
    Object.assign(Intl, { DurationFormat: Counted })
  })
  await button(page, 'Timeline').click()
  await page.locator('.lane').nth(49).waitFor()
  assert.match((await page.getByRole('cell').last().textContent()) ?? '', /3 seconds/)
  const made = await page.evaluate(() => (window as unknown as { made?: number }).made ?? 0)
  assert.ok(made <= 1, `${made}`)
})

test('the timeline says what its bars are, and that what a failed run left out is not reached', async () => {
  const { page } = await show(states.failed)
  await button(page, 'Timeline').click()
  await page.locator('.lane rect.waited').first().waitFor()
  assert.deepEqual(await page.locator('.key').allTextContents(), [
    'queued',
    'completed',
    'failed',
    'waited for a retry',
  ])
  await page.getByRole('rowheader', { name: /^Finish ?, not reached$/ }).waitFor()
})

test('sub-steps of any depth: what runs is open, what is done is folded and counted', async () => {
  const { page } = await show(states.deep)
  for (const text of ['Sub 5', 'Sub 8', 'Sub 9', 'Sub 10']) await page.getByText(text, { exact: true }).waitFor()
  assert.equal(await page.getByText('Sub 6', { exact: true }).count(), 0)
  await button(page, 'Sub-steps of Sub 4: 1 sub-step').click()
  await page.getByText('Sub 6', { exact: true }).waitFor()
})

test('arrow keys walk the list as a tree, n and p go from failure to failure, wherever it is folded', async () => {
  const both = three(done, { ...failed, error: 'one' }, { ...failed, error: 'two' })
  const below = sub(4, { ...failed, error: 'below' })
  const { page } = await show({ ...states.failed, steps: [...both, sub(5, done), below] })
  await button(page, 'Logs').focus()
  await page.keyboard.press('n')
  const isOn = (text: string) =>
    page.waitForFunction(
      (wanted) => document.activeElement?.shadowRoot?.activeElement?.querySelector('bdi')?.textContent === wanted,
      text,
    )
  await isOn('Push template')
  await page.keyboard.press('ArrowLeft')
  await page.getByText('Sub 4').waitFor({ state: 'detached' })
  await page.keyboard.press('n')
  await isOn('Sub 4')
  await page.keyboard.press('n')
  await isOn('Finish')
  await page.keyboard.press('p')
  await isOn('Sub 4')
  await page.keyboard.press('ArrowLeft')
  await isOn('Push template')
  await page.keyboard.press('Home')
  await isOn('Resolve credentials')
  await page.keyboard.press('ArrowDown')
  await isOn('Push template')
})

test('what has the focus keeps it while the run goes on; what folds it takes it, and is where the list is entered', async () => {
  const last = aStep({ id: 9, sequence: 9 })
  const { page, stream } = await show({
    run: {},
    steps: [...three(done, running), last, sub(4, done), sub(5, running)],
  })
  const isAt = async (id: string) => {
    await page.waitForFunction((id) => document.activeElement?.shadowRoot?.activeElement?.id === id, id)
    await page.locator(`#${id}[tabindex="0"]`).waitFor()
    assert.equal(await page.locator('.step[tabindex="0"]').count(), 1)
  }
  await page.locator('#s5').focus()
  await isAt('s5')
  stream.send(patchEvent({ revision: 2 }, [...three(done, done, running).slice(1), sub(5, done)]))
  await isAt('s2')
  await page.keyboard.press('ArrowRight')
  await page.locator('#s5').focus()
  await isAt('s5')
  await page.locator('#s4').focus()
  await isAt('s4')
  const over = { ...states.failed.run, revision: 3 }
  stream.send(snapshotEvent(over, [...three(done, done, done), { ...last, ...failed }, sub(4, done), sub(5, done)]))
  await isAt('s0')
})

test('keys are those of a reader: what a page puts into the element can be written in', async () => {
  const { page } = await show(states.failed)
  await page.evaluate(() => {
    const element = document.querySelector('stepcast-run') as HTMLElement
    element.innerHTML = '<p slot="footer"><textarea></textarea><b contenteditable></b><span></span></p>'
    const inner = element.querySelector('span')?.attachShadow({ mode: 'closed' })
    const field = document.createElement('input')
    inner?.append(field)
    field.addEventListener('focus', () => Object.assign(window, { field }))
  })
  await page.locator('textarea').focus()
  await page.keyboard.type('open')
  await page.keyboard.press('Tab')
  await page.keyboard.type('panel')
  await page.keyboard.press('Tab')
  await page.keyboard.type('nap')
  const written = await page.evaluate(() => {
    const { field } = window as unknown as { field: HTMLInputElement }
    return [document.querySelector('textarea')?.value, document.querySelector('b')?.textContent, field?.value]
  })
  assert.deepEqual(written, ['open', 'panel', 'nap'])
})

test('an address names a step, a try, and they are there when the page is loaded', async () => {
  const steps = [...three(done, { ...failed, error: 'above' }), sub(4, { ...done, step: 'a/b' })]
  const { page } = await show({ ...states.failed, steps }, { attributes: 'with-links', hash: '#step=s2&attempt=1' })
  await page.getByText('Try 1 got no answer.').waitFor()
  const link = page.getByRole('link', { name: 'Link to Sub 4' })
  await page.evaluate((href) => (location.hash = href ?? ''), await link.getAttribute('href'))
  await page.waitForFunction(() => document.activeElement?.shadowRoot?.activeElement?.id === 's4')
})

test('the way to a step leads out of the timeline', async () => {
  const { page } = await show(states.failed, { attributes: 'with-links' })
  const isAt = (id: string) =>
    page.waitForFunction((id) => document.activeElement?.shadowRoot?.activeElement?.id === id, id)
  await button(page, 'Timeline').click()
  await page.locator('.lane').first().waitFor()
  await page.keyboard.press('n')
  await isAt('s2')
  await button(page, 'Timeline').click()
  await page.locator('.lane').first().waitFor()
  await page.evaluate(() => (location.hash = '#step=s3'))
  await isAt('s3')
})

test('who cancelled it, and why, stands where its start stood', async () => {
  const { page } = await show(states.cancelled, {
    details: { operations: [operation('cancel', 'anna', 'wrong branch')] },
  })
  await page.getByText(/^Cancelled .* by anna: wrong branch$/).waitFor()
})

test('cancelling sends the reason, says that it is under way, and ends with the run', async () => {
  const { page, stream, server } = await show(states.running)
  server.answers.set(`/runs/${RUN}/cancel`, { status: 200, body: DONE })
  await button(page, 'Cancel').click()
  await page.getByRole('textbox', { name: /Reason/ }).fill(' wrong branch ')
  await Promise.all([page.waitForResponse('**/cancel'), page.keyboard.press('Enter')])
  await button(page, 'Cancelling…').waitFor()
  assert.equal(server.asked.at(-1), `/runs/${RUN}/cancel {"reason":"wrong branch"}`)
  server.documents.set(`/runs/${RUN}`, detailsOf(states.cancelled))
  stream.send(snapshotEvent({ ...states.cancelled.run, revision: 9 }, states.cancelled.steps))
  await button(page, 'Retry').waitFor()
  assert.equal(await focused(page), 'Retry')
})

test('who is on the button that cancels as the run ends does not retry it by a press that comes at once', async (t) => {
  let now = 0
  t.mock.method(performance, 'now', () => now)
  const asked: string[] = []
  const endpoint = {
    src: '',
    fetch: async (address: string) => Response.json(DONE, { status: asked.push(address) && 200 }),
  }
  const watched = { endpoint, view: { run: detailsOf(states.running).run } }
  const renderRoot = { querySelector: () => ({ focus: () => {} }) }
  const host = { renderRoot, addController: () => {}, requestUpdate: () => {}, dispatchEvent: () => true }
  const operator = new Operator(host as never, watched as never, () => true)
  operator.hostUpdate()
  watched.view = { run: detailsOf(states.cancelled).run }
  operator.hostUpdate()
  await operator.retry()
  assert.deepEqual(asked, [])
  now = 1_000
  await operator.retry()
  assert.deepEqual(asked, [`/runs/${RUN}/retry`])
})

test('a network that fails while cancelling is told, and the question stays with what was written', async () => {
  const { page, server } = await show(states.running)
  server.answers.set(`/runs/${RUN}/cancel`, { status: 200, body: DONE })
  await page.route('**/cancel', (route) => route.abort())
  await button(page, 'Cancel').click()
  const reason = page.getByRole('textbox', { name: /Reason/ })
  await reason.fill('wrong branch')
  await button(page, 'Cancel run').click()
  await page.getByRole('alert').getByText('The server did not answer').waitFor()
  assert.equal(await reason.inputValue(), 'wrong branch')
  await page.unroute('**/cancel')
  await button(page, 'Cancel run').click()
  await button(page, 'Cancelling…').waitFor()
})

test('who is at the question, or at a button that goes, as the run ends stays at the buttons', async () => {
  const { page, stream } = await show(states.running)
  await button(page, 'Cancel').click()
  await page.getByRole('textbox', { name: /Reason/ }).focus()
  stream.send(snapshotEvent({ ...states.failed.run, revision: 9 }, states.failed.steps))
  await button(page, 'Retry').waitFor()
  assert.equal(await focused(page), 'Retry')
  stream.send(snapshotEvent({ ...states.completed.run, revision: 10 }, states.completed.steps))
  await button(page, 'Retry').waitFor({ state: 'detached' })
  assert.equal(await focused(page), 'Timeline')
})

test('what has the focus goes as the run begins again: the focus stays in the element', async () => {
  const several = { run: states.failed.run, steps: three(done, failed, failed) }
  for (const [state, name] of [
    [several, /^2 failures/],
    [states.refused, 'Copy error'],
  ] as const) {
    const { page, stream } = await show(state)
    await page.getByRole('button', { name }).focus()
    stream.send(snapshotEvent({ ...states.running.run, revision: 9 }, states.running.steps))
    await page.locator('.card.running').waitFor()
    await page.waitForFunction(() => document.activeElement?.shadowRoot?.activeElement?.matches('.card'))
  }
})

test('a retry that nobody answers is asked about as what it is: of the run, where no step was named', async () => {
  const { page, server } = await show(states.failed)
  await page.route('**/retry', (route) => route.abort())
  await button(page, 'Retry').click()
  await page.getByRole('alert').getByText('The server did not answer').waitFor()
  await page.getByText('Retry this run? Completed steps are kept.', { exact: true }).waitFor()
  await page.unroute('**/retry')
  server.answers.set(`/runs/${RUN}/retry`, { status: 200, body: DONE })
  await page.locator('#sure').click()
  await button(page, 'Retrying…').waitFor()
  assert.equal(server.asked.at(-1), `/runs/${RUN}/retry {}`)
})

test('a proxy that had no answer from the server has refused nothing', async () => {
  const { page, server } = await show(states.running)
  server.answers.set(`/runs/${RUN}/cancel`, { status: 504, body: {} })
  await button(page, 'Cancel').click()
  await button(page, 'Cancel run').click()
  await page.getByRole('alert').getByText('may or may not have reached it').waitFor()
  assert.equal(await page.getByText('The run was not cancelled.').count(), 0)
})

test('a run that was cancelled, and retried by somebody before that was seen here, can be cancelled again', async () => {
  const { page, stream, server } = await show(states.running)
  server.answers.set(`/runs/${RUN}/cancel`, { status: 200, body: DONE })
  await button(page, 'Cancel').click()
  await Promise.all([page.waitForResponse('**/cancel'), button(page, 'Cancel run').click()])
  await button(page, 'Cancelling…').waitFor()
  stream.send(patchEvent({ ...states.running.run, revision: DONE.run.revision - 1, progress: 51 }, []))
  await page.getByText('51%').first().waitFor()
  await button(page, 'Cancelling…').waitFor()
  stream.send(snapshotEvent({ ...states.running.run, revision: DONE.run.revision + 1 }, states.running.steps))
  await button(page, 'Cancel').waitFor()
})

test('a page to sign in, in place of an answer, is none: the question stays, and goes through after that', async () => {
  const { page, server } = await show(states.running)
  server.answers.set(`/runs/${RUN}/cancel`, { status: 200, body: DONE })
  await page.route('**/cancel', (route) => route.fulfill({ contentType: 'text/html', body: '<h1>Sign in</h1>' }))
  await button(page, 'Cancel').click()
  await button(page, 'Cancel run').click()
  await page.getByRole('alert').getByText('may or may not have reached it').waitFor()
  await page.unroute('**/cancel')
  await button(page, 'Cancel run').click()
  await button(page, 'Cancelling…').waitFor()
})

test('what is refused of a run that is shown no more is not said of the one that is', async () => {
  const { page, server } = await show(states.running)
  const other = RUN.replace(/^./, 'f')
  const refusal = { status: 409, contentType: 'application/problem+json', body: '{"detail":"It is over."}' }
  const { promise: refused, resolve: refuse } = Promise.withResolvers<void>()
  await page.route('**/cancel', async (route) => {
    if (!route.request().url().includes(RUN)) return
    await refused
    await route.fulfill(refusal)
  })
  const cancel = async (run: string) => {
    const asked = page.waitForRequest(`**/${run}/cancel`)
    await button(page, 'Cancel').click()
    await button(page, 'Cancel run').click()
    await asked
    await button(page, 'Cancelling…').waitFor()
  }
  await cancel(RUN)
  await page.locator('stepcast-run').evaluate((element, run) => element.setAttribute('run-id', run), other)
  const stream = await server.next()
  stream.send(snapshotEvent({ ...states.running.run, id: other }, states.running.steps))
  stream.ready()
  await cancel(other)
  await Promise.all([page.waitForResponse(`**/${RUN}/cancel`), refuse()])
  for (let frame = 0; frame < 3; frame++) await page.evaluate(() => new Promise(requestAnimationFrame))
  assert.equal(await button(page, 'Cancelling…').count(), 1)
  await page.unroute('**/cancel')
})

test('nothing for axe to complain of in what can be opened, in both themes', async () => {
  const { page, server } = await show(states.failed)
  await button(page, 'attempt 2 of 2').click()
  await page.locator('.try').first().click()
  await button(page, 'Retry from here: Resolve credentials').click()
  await page.locator('#sure').waitFor()
  assert.deepEqual(await violations(page), [])
  await button(page, 'Leave as it is').click()
  await button(page, 'Timeline').click()
  await button(page, 'Logs').click()
  const stream = await server.next()
  stream.send(snapshotEvent({ ...states.failed.run, revision: 1 }, states.failed.steps))
  stream.send(logEvent([1, 2, 3]))
  stream.ready()
  await page.locator('#L3').waitFor()
  await page.getByRole('searchbox').fill('line')
  await page.evaluate(() => document.documentElement.classList.replace('light', 'dark'))
  assert.deepEqual(await violations(page), [])
  await page.evaluate(() => document.documentElement.classList.replace('dark', 'light'))
})

test('of a long error and a long message some lines are shown, and all when that is asked for', async () => {
  const text = 'All that went wrong. '.repeat(900)
  const { page } = await show({
    run: { status: 'failed', completedAt: '2026-11-22T10:00:09Z' },
    steps: three({ ...failed, error: text }),
  })
  const tall = (of: string) => page.locator(of).evaluate((element) => element.getBoundingClientRect().height)
  assert.equal(await tall('.error p'), 80)
  await page.getByText('Show all').click()
  assert.ok((await tall('.error p')) > 1_000)
  await show({ run: { status: 'running' }, steps: three({ ...running, message: text }) })
  assert.ok((await tall('.note.long')) <= 80)
  await page.getByText('Show all').click()
  assert.ok((await tall('.note.long')) > 1_000)
})

test('a name that is written from right to left reorders nothing of the sentence that it stands in', async () => {
  const { page } = await show(states.cancelled, {
    details: { operations: [operation('cancel', 'דנה', '1 ענף')] },
  })
  await page.getByText(/^Cancelled .* by \u2068דנה\u2069: \u20681 ענף\u2069$/).waitFor()
})

test('hostile text stays in its place', async () => {
  const evil = `\u202egnp.exe\u202e${'x'.repeat(50_000)}<b>`
  const { page } = await show({
    run: { displayName: evil },
    steps: three({ ...running, displayName: evil, message: evil }),
  })
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false)
  const isolated = await page
    .locator('[part=step-name]')
    .first()
    .evaluate((name) => getComputedStyle(name).unicodeBidi)
  assert.match(isolated, /isolate|plaintext/)
  assert.equal(await focused(page), '')
})

test('a thousand steps: what cannot be seen is not laid out, and a patch of one draws that one alone', async () => {
  const steps = Array.from({ length: 1_000 }, (_, at) =>
    aStep({ id: at + 1, sequence: at + 1, step: `s${at}`, displayName: `Step ${at}`, ...(at === 0 ? running : {}) }),
  )
  const { page, stream } = await show({ run: {}, steps })
  await page.evaluate(() => {
    const list = document.querySelector('stepcast-run')?.shadowRoot?.querySelector('ol') as Element
    const changed = new Set<Element | null>()
    new MutationObserver((records) => {
      for (const { target } of records)
        changed.add((target instanceof Element ? target : target.parentElement)?.closest('li') ?? null)
      Object.assign(window, { changed: [...changed].map((row) => row?.id) })
    }).observe(list, { subtree: true, childList: true, characterData: true, attributes: true })
  })
  stream.send(patchEvent({ revision: 2 }, [{ ...(steps[1] as (typeof steps)[0]), ...done, revision: 2 }]))
  await page.locator('#s2.completed').waitFor()
  const changed = await page.evaluate(() => (window as unknown as { changed: string[] }).changed)
  assert.deepEqual(
    changed.filter((id) => id !== 's1' && id !== 's2'),
    [],
  )
  const skipped = await page.locator('#s900').evaluate((row) => row.checkVisibility({ contentVisibilityAuto: true }))
  const inside = await page
    .locator('#s900 bdi')
    .evaluate((name) => name.checkVisibility({ contentVisibilityAuto: true }))
  assert.deepEqual([skipped, inside], [true, false])
})
