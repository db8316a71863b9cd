import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type axe from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { bundle } from './bundle.ts'
import type { FakeServer } from './fake-server.ts'
import { tabOf } from './tab.ts'

const PAGE = (lang: string, theme: string, elements: string) => `<!doctype html>
<html lang="${lang}" class="${theme}"><head><meta charset="utf-8"><title>Test</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="/icon.svg"><link rel="stylesheet" href="/test.css">
<script type="module" src="/stepcast.js"></script></head><body><main><h1>Test</h1>${elements}</main></body></html>`

const CSS = 'body{margin:8px;background:light-dark(#fff,#000)}.light{color-scheme:light}.dark{color-scheme:dark}'

/** Lets a server give browsers the elements. */
export async function serveElements(server: FakeServer): Promise<void> {
  const { files } = await bundle
  for (const [name, body] of files) server.files.set(`/${name}`, { type: 'text/javascript', body })
  server.files.set('/test.css', { type: 'text/css', body: CSS })
  server.files.set('/icon.svg', { type: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg"/>' })
}

export interface Opened {
  page: Page
  /** What the browser complained of: errors of scripts, of the policy, of the console. */
  complaints: string[]
}

/** A page with these elements in it. */
export async function openPage(
  browser: Browser,
  server: FakeServer,
  elements: string,
  { lang = 'en', theme = 'light', ...options }: BrowserContextOptions & { lang?: string; theme?: string } = {},
): Promise<Opened> {
  server.files.set('/', { type: 'text/html', body: PAGE(lang, theme, elements) })
  const page = await tabOf(browser, options)
  const complaints: string[] = []
  page.on('pageerror', ({ message }) => complaints.push(message))
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  await page.goto(`${server.src}/`)
  return { page, complaints }
}

/** What axe finds wrong, one line each, by all its rules or by some, and not within some elements. */
export async function violations(page: Page, rules?: string[], without: string[] = []): Promise<string[]> {
  // A page takes it in once: that takes as long as to look.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(await AXE)
  return page.evaluate(look, { rules, without })
}

const AXE = readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')

/** In the page. To list all that is right takes it longer than to look. */
async function look({ rules, without }: { rules: string[] | undefined; without: string[] }): Promise<string[]> {
  const { run } = Reflect.get(window, 'axe') as typeof axe
  const { violations } = await run(
    { exclude: without.map((selector) => [selector]) },
    { resultTypes: ['violations'], ...(rules && { runOnly: rules }) },
  )
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`),
  )
}

/** Whether the page scrolls sideways. */
export function overflows(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
}

/** Moves an element into the document of a frame and back: it has all its styles there too, one rule among them. */
export async function assertKeepsStyles({ page, complaints }: Opened, name: string, rule: RegExp): Promise<void> {
  const [before = '', inFrame, after] = await page.evaluate((name) => {
    const element = document.querySelector(name)
    const frame = document.body.appendChild(document.createElement('iframe'))
    return [document, frame.contentDocument, document].map((place) => {
      if (element) place?.body.append(element)
      const sheets = element?.shadowRoot?.adoptedStyleSheets ?? []
      return sheets.flatMap(({ cssRules }) => [...cssRules].map(({ cssText }) => cssText)).join('\n')
    })
  }, name)
  assert.match(before, rule)
  assert.equal(inFrame, before)
  assert.equal(after, before)
  assert.deepEqual(complaints, [])
}
