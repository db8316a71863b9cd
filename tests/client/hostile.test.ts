import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser } from '../support/browser.ts'
import { openPage, overflows, serveElements } from './element-page.ts'
import { FakeServer } from './fake-server.ts'
import { detailsOf } from './run-states.ts'
import { aLine, aStep, RUN, snapshotEvent } from './samples.ts'

const ELEMENT = `<stepcast-run run-id="${RUN}" with-logs with-actions></stepcast-run>`

/** As long as the database lets a text be; where something is not shown in full it must be a small part of this. */
const LONG = 'w'.repeat(20_000)
const TEXTS: Record<string, string> = {
  markup: '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script><u>line</u>',
  'a link': 'javascript:window.hacked=1 [x](javascript:alert(1))',
  'colours of a terminal': '\u001b[31mred\u001b[0m\u0007\u009b2J',
  'marks that reorder': '\u202egnp.exe \u2066\u2067left open',
  'nothing to be seen': '\u200b\u2060\ufeff\u00ad\u200d',
  'line ends': 'one\r\ntwo\u2028three\u2029four\u0085five',
  'a template': '{{7*7}} #{7*7} {path} %s',
  'one long word': LONG,
  'many marks on one letter': `a${'\u0301'.repeat(500)}`,
}

let browser: Browser
let server: FakeServer
before(async () => {
  browser = await launchBrowser()
  server = new FakeServer()
  await server.start()
  await serveElements(server)
})
after(async () => {
  await browser.close()
  await server.stop()
})

/** The text stands wherever a workflow or a caller can write one. */
async function show(text: string, lang: string): Promise<{ page: Page; complaints: string[] }> {
  const opened = await openPage(browser, server, ELEMENT, { lang, viewport: { width: 320, height: 800 } })
  const stream = await server.next()
  const named = { displayName: text, message: text }
  const steps = [
    aStep({
      ...named,
      id: 1,
      sequence: 1,
      status: 'completed',
      progress: 100,
      startedAt: '2026-11-22T10:00:00Z',
      completedAt: '2026-11-22T10:00:01Z',
      duration: 1_000,
    }),
    aStep({
      ...named,
      id: 2,
      sequence: 2,
      step: 'b',
      status: 'failed',
      error: text,
      errorStack: text,
      attempt: 1,
      startedAt: '2026-11-22T10:00:00Z',
    }),
    aStep({
      ...named,
      id: 3,
      sequence: 3,
      step: 'c',
      status: 'running',
      progress: 40,
      attempt: 1,
      startedAt: '2026-11-22T10:00:00Z',
    }),
    aStep({
      ...named,
      id: 4,
      sequence: 4,
      step: 'd',
      status: 'pending',
      error: text,
      attempt: 1,
      nextAttemptAt: '2026-11-22T11:00:00Z',
    }),
  ]
  const run = {
    displayName: text,
    key: text.slice(0, 255) || 'k',
    createdBy: text.slice(0, 200) || 'x',
    error: text,
    errorStack: text,
  }
  server.documents.set(`/runs/${RUN}`, detailsOf({ run, steps }))
  stream.send(snapshotEvent(run, steps))
  stream.send({
    type: 'log',
    epoch: 'e1',
    id: 'e1-1',
    data: { run: { id: RUN, revision: 1 }, lines: [{ ...aLine(1), message: text }] },
  })
  stream.ready()
  await opened.page.locator('stepcast-run li.step').first().waitFor()
  return opened
}

const CASES = Object.entries(TEXTS).flatMap(([what, text]) =>
  (text.includes('\u202e') ? ['en', 'zh-CN'] : ['en']).map((lang) => ({ what, text, lang })),
)

for (const { what, text, lang } of CASES)
  test(`${lang}: ${what} in every text of a run is text, keeps to its place and makes the page no wider than 320 pixels`, async () => {
    const { page, complaints } = await show(text, lang)
    assert.deepEqual(complaints, [])
    assert.equal(await page.evaluate(() => (globalThis as { hacked?: number }).hacked), undefined)
    assert.equal(await overflows(page), false)
    const found = await page.evaluate(look)
    assert.deepEqual(found.foreign, [])
    assert.deepEqual(found.reordered, [])
    assert.deepEqual(found.links, [])
  })

/** In the page: elements that only a text can have made, and texts whose marks could reorder what follows them. */
function look() {
  const root = document.querySelector('stepcast-run')?.shadowRoot
  const all = [...(root?.querySelectorAll('*') ?? [])]
  const foreign = all
    .filter(({ localName }) => ['img', 'script', 'u', 'iframe'].includes(localName))
    .map(({ outerHTML }) => outerHTML)
  const links = all
    .filter((element) => /^javascript:/i.test(element.getAttribute('href') ?? ''))
    .map(({ outerHTML }) => outerHTML)
  const reordered = all
    .filter((element) => {
      const texts = [...element.childNodes]
        .filter(({ nodeType, textContent }) => nodeType === 3 && textContent?.trim())
        .map(({ textContent }) => textContent ?? '')
      const at = texts.findIndex((text) => text.includes('\u202e'))
      if (at < 0 || getComputedStyle(element).display === 'none') return false
      const isIsolated = /isolate|plaintext/.test(getComputedStyle(element).unicodeBidi)
      return !isIsolated || texts.length > at + 1 || /left open.*[\p{L}\p{N}]/su.test(texts[at] ?? '')
    })
    .map(({ localName, className, textContent }) => `${localName}.${className}: ${textContent?.slice(0, 80)}`)
  return { foreign, links, reordered }
}
