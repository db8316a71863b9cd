import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { openPage, overflows, serveElements, violations } from './element-page.ts'
import type { FakeServer, Stream } from './fake-server.ts'
import { states } from './run-states.ts'
import { patchEvent, RUN, snapshotEvent } from './samples.ts'
import { useServer } from './use-server.ts'

const ELEMENT = `<stepcast-run run-id="${RUN}" with-logs with-actions></stepcast-run>`

let browser: Browser
let server: FakeServer
useServer(serveElements, (...both) => {
  ;[browser, server] = both
})

/** The server is now one of another version: all it has is named otherwise. */
function deploy(): void {
  const rename = (text: string) =>
    text.replaceAll(/-([0-9A-Z]{8})\.js/g, (_, hash: string) => `-${hash.split('').reverse().join('')}.js`)
  for (const [path, { type, body }] of [...server.files]) {
    if (!path.endsWith('.js')) continue
    server.files.delete(path)
    server.files.set(rename(path), { type, body: rename(body) })
  }
}

/** Draws a run; its connection stands. */
async function show(page: Page, stream: Stream, state = states.running): Promise<void> {
  stream.send(snapshotEvent({ ...state.run, revision: 1 }, state.steps))
  stream.ready()
  await page.locator('stepcast-run:state(live) .steps .name').first().waitFor()
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

test('a page that stays open over a deploy goes on live; where a part is missing it says that a reload brings it, and so it does', async () => {
  const { page } = await openPage(browser, server, ELEMENT)
  const before = await server.next()
  await show(page, before)
  deploy()
  before.cut()
  const stream = await server.next()
  stream.ready()
  await button(page, 'Logs').click()
  await page.getByText('This part could not be loaded.').waitFor()
  stream.send(patchEvent({ ...states.running.run, revision: 2, progress: 77 }))
  await page.getByText('77%').waitFor()
  assert.deepEqual(await violations(page), [])
  await button(page, 'Reload the page').click()
  await show(page, await server.next())
  await button(page, 'Logs').click()
  await page.getByRole('log').waitFor()
})

for (const [what, state, press] of [
  ['the timeline', states.running, '时间线'],
  ['the question before a run is cancelled', states.running, '取消'],
  ['all that is told of a failure', states.failed, '重试'],
] as const) {
  test(`of ${what} too, once, in the reader’s language, and nothing is thrown`, async () => {
    const { page } = await openPage(browser, server, ELEMENT, { lang: 'zh-CN', viewport: { width: 320, height: 800 } })
    const thrown: Error[] = []
    page.on('pageerror', (error) => thrown.push(error))
    const stream = await server.next()
    await show(page, stream)
    deploy()
    stream.send(snapshotEvent({ ...state.run, revision: 2 }, state.steps))
    await button(page, press).click()
    await page.getByText('这部分未能加载。').waitFor()
    await button(page, press).click()
    assert.equal(await button(page, '重新加载页面').count(), 1)
    assert.equal((await page.locator('.steps .name').count()) > 0, true)
    assert.equal(await overflows(page), false)
    assert.deepEqual(thrown, [])
  })
}

for (const element of ['stepcast-runs', 'stepcast-stats']) {
  test(`a <${element}> that enters the page after a deploy says so in its place`, async () => {
    const { page } = await openPage(browser, server, ELEMENT)
    await show(page, await server.next())
    deploy()
    await page.evaluate((name) => document.querySelector('main')?.append(document.createElement(name)), element)
    await page.locator(element).getByText('This part could not be loaded.').waitFor()
    await page.evaluate(() => document.querySelector('stepcast-run')?.remove())
    assert.deepEqual(await violations(page), [])
    await button(page, 'Reload the page').click()
    await show(page, await server.next())
  })
}
