import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { openPage, overflows, serveElements, violations } from './element-page.ts'
import type { FakeServer } from './fake-server.ts'
import { detailsOf, states } from './run-states.ts'
import { at, enter, listed, serveWorkflows } from './runs-states.ts'
import { DONE, RUN, rowId, snapshotEvent } from './samples.ts'
import { useServer } from './use-server.ts'

const ONE_RUN = `<stepcast-run run-id="${RUN}" with-logs with-actions></stepcast-run>`
const RUNS = '<stepcast-runs with-filters with-actions with-address></stepcast-runs>'

let browser: Browser
let server: FakeServer
useServer(serveElements, (...both) => {
  ;[browser, server] = both
})

const row = (page: Page, number: number) => page.locator(`[data-run="${rowId(number)}"]`)
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

for (const [lang, theme, width] of [
  ['en', 'light', 1280],
  ['zh-CN', 'dark', 320],
] as const) {
  test(`every state of a run, ${lang}, ${theme}, ${width} px wide: nothing for axe to complain of, no policy broken`, async () => {
    const ids = Object.keys(states)
    const elements = ids.map((id) => ONE_RUN.replace(RUN, id)).join('')
    const { page, complaints } = await openPage(browser, server, elements, {
      lang,
      theme,
      viewport: { width, height: 800 },
    })
    for (const [id, state] of Object.entries(states)) server.documents.set(`/runs/${id}`, detailsOf(state))
    const stream = await server.next()
    for (const [id, { run, steps }] of Object.entries(states)) stream.send(snapshotEvent({ ...run, id }, steps))
    stream.ready()
    for (const id of ids) await page.locator(`stepcast-run[run-id=${id}] .name`).first().waitFor()
    assert.deepEqual(await violations(page), [])
    assert.equal(await overflows(page), false)
    assert.deepEqual(complaints, [])
  })
}

test('every state of a list, light or dark, wide or narrow: nothing for axe to complain of, no policy broken', async () => {
  serveWorkflows(server)
  const { page, complaints } = await openPage(browser, server, RUNS)
  const stream = await server.next()
  await page.locator('.ghost').first().waitFor()
  await isFine(page, 'loading')
  enter(stream)
  await row(page, 9).waitFor()
  await button(page, 'Group by state').click()
  for (const number of [9, 8]) await row(page, number).getByRole('checkbox').check()
  await isFine(page, 'grouped and selected')
  await button(page, 'Cancel 2').click()
  await isFine(page, 'confirming')
  server.answers.set(`/runs/${rowId(9)}/cancel`, { status: 200, body: DONE })
  await page.locator('.danger').click()
  await page.locator('.outcome').waitFor()
  await isFine(page, 'outcome')
  await button(page, 'Dismiss').click()
  await row(page, 6).locator('a').focus()
  stream.send(listed(11, { displayName: 'New 11' }, at('Push', 1, 2)))
  await page.locator('.pill').waitFor()
  server.refusals.push({ status: 503, retryAfter: '600' })
  const refused = page.waitForResponse((answer) => answer.status() === 503)
  stream.cut()
  await page.locator('.link.reconnecting').waitFor()
  await refused
  await isFine(page, 'new ones wait, reconnecting')
  server.documents.set('/runs?limit=50&status=failed', { runs: [], next: null })
  await button(page, 'Failed').click()
  const none = await server.next()
  none.ready()
  await page.locator('.notice').waitFor()
  await isFine(page, 'no match')
  server.refusals.push({ status: 403, detail: 'You do not have the right run:read here.' })
  await button(page, 'Completed').click()
  await page.getByText('You do not have the right run:read here.').waitFor()
  await isFine(page, 'forbidden')
  assert.deepEqual(
    complaints.filter((each) => !each.startsWith('Failed to load resource')),
    [],
  )
})

/** As it is, light and wide, then dark, narrow and in Chinese. */
async function isFine(page: Page, state: string): Promise<void> {
  for (const [theme, lang, width] of [
    ['dark', 'zh-CN', 320],
    ['light', 'en', 1280],
  ] as const) {
    await page.setViewportSize({ width, height: 800 })
    await page.evaluate(
      ([theme, lang]) => Object.assign(document.documentElement, { className: theme, lang }),
      [theme, lang],
    )
    await page
      .getByText(lang === 'en' ? 'Run' : '运行', { exact: true })
      .first()
      .waitFor()
    // the second look is at the same elements
    const rules = theme === 'dark' ? ['color-contrast'] : undefined
    assert.deepEqual(await violations(page, rules), [], `${state}, ${theme}`)
    assert.equal(await overflows(page), false, `${state}, ${theme}`)
    // a stream that is silent for as long as axe looks would be given up
    server.streams.at(-1)?.beat()
  }
}
