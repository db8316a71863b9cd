import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { plainText, stretchesOf } from '../../client/logs/ansi.ts'
import type { LogLine } from '../../db/contract.ts'
import { size } from '../support/size.ts'
import type { Stream } from './fake-server.ts'
import { useRunPage } from './run-page.ts'
import { done, running, states, sub, three } from './run-states.ts'
import { aLine, patchEvent, RUN, snapshotEvent } from './samples.ts'

const { show } = useRunPage()

/** What comes in place of an answer once a session is over. */
const SIGN_IN = '<!doctype html><title>Sign in</title>'
const MANY = size(20_000, 100_000)
const written = (count: number) => count.toLocaleString('en')

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const lines = (count: number, change: (line: LogLine) => Partial<LogLine> = () => ({})) =>
  Array.from({ length: count }, (_, at) => ({ ...aLine(at + 1), ...change(aLine(at + 1)) }))
const ndjson = (all: LogLine[]) => all.map((line) => `${JSON.stringify(line)}\n`).join('')

function send(stream: Stream, some: LogLine[]): void {
  stream.send({ type: 'log', epoch: 'e1', id: 'e1-1', data: { run: { id: RUN, revision: 1 }, lines: some } })
}

/** Opens the log: the last lines come over the stream, those before are asked for. */
async function openLog(all: LogLine[], tail: number, attributes = 'with-logs') {
  const { page, server } = await show(states.running, { attributes })
  server.documents.set(`/runs/${RUN}/logs?after=0`, ndjson(all))
  await button(page, 'Logs').click()
  const stream = await server.next()
  stream.send(snapshotEvent({ ...states.running.run, revision: 1 }, states.running.steps))
  send(stream, all.slice(-tail))
  stream.ready()
  await page.locator(`#L${all.length}`).waitFor()
  return { page, server, stream }
}

test('all earlier lines come at once, what cannot be seen is not drawn, and the end is followed until one scrolls away', async () => {
  const all = lines(MANY)
  const { page, stream } = await openLog(all, 500)
  await page.getByText(`${written(MANY)} lines`).waitFor()
  const log = page.getByRole('log')
  const fromEnd = () => log.evaluate((panel) => panel.scrollHeight - panel.scrollTop - panel.clientHeight)
  await page.locator(`#L${MANY}`).waitFor()
  assert.ok((await fromEnd()) < 2)
  assert.ok((await log.locator('.line').count()) < 400)
  await log.evaluate((panel) => panel.scrollTo(0, 0))
  await page.locator('#L1').waitFor()
  await button(page, 'Follow the end').waitFor()
  send(stream, [aLine(MANY + 1)])
  await page.getByText(`${written(MANY + 1)} lines`).waitFor()
  assert.equal(await log.evaluate((panel) => panel.scrollTop), 0)
  await button(page, 'Follow the end').click()
  await page.locator(`#L${MANY + 1}`).waitFor()
  await button(page, 'Follow the end').waitFor({ state: 'detached' })
  assert.equal(await log.evaluate((panel) => panel.matches(':focus')), true)
  send(stream, [aLine(MANY + 2)])
  await page.locator(`#L${MANY + 2}`).waitFor()
  await page.waitForFunction(() => {
    const panel = document.querySelector('stepcast-run')?.shadowRoot?.querySelector('.log')
    return panel && panel.scrollHeight - panel.scrollTop - panel.clientHeight < 2
  })
})

test('search counts its matches and goes from one to the next, levels and steps choose lines', async () => {
  const all = lines(300, ({ line }) => ({
    message: line % 100 === 0 ? `\u001b[31mNeedle\u001b[0m ${line}` : `hay ${line}`,
    level: line % 50 === 0 ? 'error' : 'info',
    stepId: line > 200 ? 4 : 1,
  }))
  const { page } = await openLog(all, 300)
  await page.getByRole('searchbox').fill('needle')
  await page.getByText('1 of 3').waitFor()
  await page.locator('#L100.chosen mark').waitFor()
  await page.keyboard.press('Enter')
  await page.locator('#L200.chosen mark').waitFor()
  await page.keyboard.press('Shift+Enter')
  await page.keyboard.press('Shift+Enter')
  await page.locator('#L300.chosen').waitFor()
  await page.getByLabel('Level').selectOption('error')
  await page.getByText('6 lines').waitFor()
  // Step 4 is a sub-step of the second: it comes with it.
  await page.getByLabel('Step', { exact: true }).selectOption({ label: 'Push template' })
  await page.getByText('2 lines').waitFor()
  await page.getByText('1 of 1').waitFor()
})

test('a step stays chosen with the sub-steps that it begins, and in the run that comes after', async () => {
  const { page, stream } = await openLog(
    lines(60, ({ line }) => ({ stepId: line > 50 ? 2 : 1 })),
    60,
  )
  const step = page.getByLabel('Step', { exact: true })
  await step.selectOption({ label: 'Push template' })
  await page.getByText('10 lines').waitFor()
  await page.getByRole('searchbox').fill('line 5')
  await page.getByText('1 of 9').waitFor()
  stream.send(patchEvent({ revision: 2 }, [sub(12, { ...running, revision: 2 })]))
  send(
    stream,
    [61, 62].map((line) => ({ ...aLine(line), stepId: 12 })),
  )
  await page.getByText('12 lines').waitFor()
  const next = three(done, running).map((each) => ({ ...each, id: each.id + 20 }))
  stream.send(snapshotEvent({ revision: 1 }, next, 'e2'))
  const some = [1, 2, 3].map((line) => ({ ...aLine(line), stepId: line === 1 ? 21 : 22 }))
  stream.send({ type: 'log', epoch: 'e2', id: 'e2-1', data: { run: { id: RUN, revision: 1 }, lines: some } })
  await page.getByText('2 lines', { exact: true }).waitFor()
  await page.locator('.search').getByText('no match').waitFor()
  assert.equal(await step.evaluate((select: HTMLSelectElement) => select.selectedOptions[0]?.label), 'Push template')
})

test('search finds steps by their names, once where each begins, in the lines that come too', async () => {
  const { page, stream } = await openLog(
    lines(60, ({ line }) => ({ stepId: line > 20 ? 2 : 1 })),
    60,
  )
  await page.getByRole('searchbox').fill('TEMPLATE')
  await page.getByText('1 of 1').waitFor()
  assert.equal(await page.locator('#L21.chosen .of mark').textContent(), 'template')
  send(stream, [
    { ...aLine(61), stepId: 2 },
    { ...aLine(62), stepId: 1 },
    { ...aLine(63), stepId: 2 },
  ])
  await page.locator('.search').getByText('1 of 2').waitFor()
  await page.keyboard.press('Enter')
  await page.locator('#L63.chosen').waitFor()
})

test('each line names its step, and where none has one there is no room for it', async () => {
  const { page, stream } = await openLog(
    lines(60, () => ({ stepId: null })),
    60,
  )
  assert.equal(await page.locator('#L60 .of').isVisible(), false)
  send(
    stream,
    [61, 62].map((line) => ({ ...aLine(line), stepId: 2 })),
  )
  await page.locator('#L62 .of', { hasText: 'Push template' }).waitFor()
  assert.equal(await page.locator('#L61 .of').getAttribute('aria-hidden'), null)
  assert.equal(await page.locator('#L62 .of').getAttribute('aria-hidden'), 'true')
})

test('an address names a line, a number is its link', async () => {
  const all = lines(1_000)
  const { page, server } = await show(states.running, { attributes: 'with-logs with-links', hash: '#line=400' })
  server.documents.set(`/runs/${RUN}/logs?after=0`, ndjson(all))
  const stream = await server.next()
  stream.send(snapshotEvent({ ...states.running.run, revision: 1 }, states.running.steps))
  send(stream, all.slice(-100))
  stream.ready()
  await page.locator('#L400.chosen').waitFor()
  assert.equal(await page.locator('#L400 a').getAttribute('href'), '#line=400')
  const isSeen = await page.locator('#L400').evaluate((row) => {
    const { top, bottom } = row.getBoundingClientRect()
    const panel = row.closest('.log')?.getBoundingClientRect()
    return panel !== undefined && top >= panel.top && bottom <= panel.bottom
  })
  assert.equal(isSeen, true)
})

test('an element that moves while it loads earlier lines loads them, and what could not be loaded is asked for again', async () => {
  const { page, server } = await show(states.running, { attributes: 'with-logs' })
  const earlier = `/runs/${RUN}/logs?after=0`
  const held = Promise.withResolvers<void>()
  await page.route('**/logs?after=0', (route) => held.promise.then(() => route.continue()), { times: 1 })
  await button(page, 'Logs').click()
  const stream = await server.next()
  stream.send(snapshotEvent({ ...states.running.run, revision: 1 }, states.running.steps))
  send(stream, lines(60).slice(-10))
  stream.ready()
  await page.getByText('Loading earlier lines…').waitFor()
  server.refusedReads.push({ status: 502 })
  await page.evaluate(() => {
    const element = document.querySelector('stepcast-run') as Element
    document.querySelector('h1')?.before(element)
  })
  await page.getByText('Some earlier lines could not be loaded.').waitFor()
  held.resolve()
  server.documents.set(earlier, ndjson(lines(60)))
  await button(page, 'Logs').click()
  await server.next()
  await button(page, 'Logs').click()
  await server.next()
  await page.getByText('60 lines').waitFor()
})

test('earlier lines that do not come, or stop coming, can be asked for again', async () => {
  const { page, server } = await show(states.running, { attributes: 'with-logs' })
  await page.clock.install()
  // the server says nothing
  await page.route('**/logs?after=0', () => {})
  const asked = page.waitForRequest('**/logs?after=0')
  await button(page, 'Logs').click()
  const stream = await server.next()
  stream.send(snapshotEvent({ ...states.running.run, revision: 1 }, states.running.steps))
  send(stream, lines(60).slice(-10))
  stream.ready()
  await asked
  await page.clock.fastForward(20_000)
  await page.getByText('Some earlier lines could not be loaded.').waitFor()
  await page.unrouteAll()
  server.documents.set(`/runs/${RUN}/logs?after=0`, ndjson(lines(60)))
  await button(page, 'Logs').click()
  await server.next()
  await button(page, 'Logs').click()
  await server.next()
  await page.getByText('60 lines').waitFor()
})

test('earlier lines in whose place a page to sign in comes, or that are cut off, can be asked for again', async () => {
  for (const body of [SIGN_IN, ndjson(lines(60)).slice(0, -9)]) {
    const { page, server } = await show(states.running, { attributes: 'with-logs' })
    await page.route('**/logs?after=0', (route) => route.fulfill({ body }))
    await button(page, 'Logs').click()
    const stream = await server.next()
    stream.send(snapshotEvent({ ...states.running.run, revision: 1 }, states.running.steps))
    send(stream, lines(70).slice(-10))
    stream.ready()
    await page.getByText('Some earlier lines could not be loaded.').waitFor()
    await page.unrouteAll()
  }
})

test('an element that moves within the page stays at the end of its log, or at the line it was scrolled to', async () => {
  const { page } = await openLog(lines(600), 500)
  await page.getByText('600 lines').waitFor()
  const log = page.getByRole('log')
  const move = () =>
    page.evaluate(async () => {
      const element = document.querySelector('stepcast-run')
      if (element) document.querySelector('main')?.append(element)
      // the browser reports that it scrolled, then the panel goes back
      for (const _ of [1, 2, 3]) await new Promise(requestAnimationFrame)
    })
  await move()
  assert.ok((await log.evaluate((panel) => panel.scrollHeight - panel.scrollTop - panel.clientHeight)) < 2)
  assert.equal(await button(page, 'Follow the end').count(), 0)
  await log.evaluate((panel) => panel.scrollTo(0, panel.scrollHeight / 2))
  await button(page, 'Follow the end').waitFor()
  const place = () =>
    log.evaluate((panel) => {
      const { top } = panel.getBoundingClientRect()
      const row = [...panel.querySelectorAll('.line')].find((each) => each.getBoundingClientRect().bottom > top)
      return [row?.id, Math.round((row?.getBoundingClientRect().top ?? 0) - top)]
    })
  const before = await place()
  await move()
  assert.deepEqual(await place(), before)
  await button(page, 'Follow the end').waitFor()
})

test('it can be wrapped or not, and saved whole', async () => {
  const { page, server } = await openLog(
    lines(3, () => ({ message: 'long '.repeat(400) })),
    3,
  )
  const log = page.getByRole('log')
  const isWide = () => log.evaluate((panel) => panel.scrollWidth > panel.clientWidth)
  assert.equal(await isWide(), false)
  await button(page, 'Wrap').click()
  await page.locator('.log:not(.wraps)').waitFor()
  assert.equal(await isWide(), true)
  await page.route('**/logs', (route) => route.fulfill({ contentType: 'text/html', body: SIGN_IN }))
  await button(page, 'Download').click()
  await page.getByText('3 lines · The log could not be downloaded.').waitFor()
  await page.unroute('**/logs')
  server.documents.set(`/runs/${RUN}/logs`, 'the text')
  const [saved] = await Promise.all([page.waitForEvent('download'), button(page, 'Download').click()])
  assert.equal(saved.suggestedFilename(), `${RUN}.log`)
  await page.getByText('3 lines', { exact: true }).waitFor()
  server.refusedReads.push({ status: 429 })
  await button(page, 'Download').click()
  await page.getByText('3 lines · The log could not be downloaded.').waitFor()
})

test('a line of a megabyte and one full of sequences are shown without harm', async () => {
  const evil = `\u001b[2J\u001b[31m<img src=x>\u001b]8;;javascript:alert(1)\u0007click\u001b]8;;\u0007\u001b[0m`
  const { page } = await openLog(
    [
      { ...aLine(1), message: 'x'.repeat(1_000_000) },
      { ...aLine(2), message: evil },
    ],
    2,
  )
  assert.match((await page.locator('#L1 .text').textContent()) ?? '', /^x{20000} … \+980000$/)
  assert.equal(await page.locator('#L2 .text').textContent(), '<img src=x>click')
  assert.equal(await page.locator('#L2 .red').textContent(), '<img src=x>click')
  assert.equal(await page.locator('.log img, .log .text a').count(), 0)
})

test('colours and weights of a terminal become classes, and a bar written over itself its last state', () => {
  const styles = (message: string) => stretchesOf(message).map(({ text, style }) => `${text}|${style}`)
  assert.deepEqual(styles('a\u001b[1;32mb\u001b[22mc\u001b[39md'), ['a|', 'b|bold green', 'c|green', 'd|'])
  assert.deepEqual(styles('\u001b[91mx\u001b[38;5;4my\u001b[38;2;1;2;3mz'), ['x|red bright', 'yz|blue'])
  assert.deepEqual(styles('10 %\r50 %\r100 %\n'), ['100 %|'])
  assert.equal(plainText('\u001b[31mred\u001b[0m\u0007'), 'red')
})
