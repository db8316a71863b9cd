import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { makePages } from '../../cli/pages.ts'
import { bundle } from './bundle.ts'
import type { Opened } from './element-page.ts'
import type { FakeServer } from './fake-server.ts'
import { RUN } from './samples.ts'
import { tabOf } from './tab.ts'

const folder = resolve(import.meta.dirname, '../../client/page')
const PAGES = {
  'index.html': '/',
  'run.html': `/runs/${RUN}/view`,
  'start.html': '/start/view',
  'stats.html': '/stats/view',
}

/** Lets a server give browsers the dashboard. */
export async function serveDashboard(server: FakeServer): Promise<void> {
  const { files, eager } = await bundle
  const pages = await makePages(eager)
  const read = (name: string) => readFile(join(folder, name), 'utf8')
  for (const [name, body] of files) server.files.set(`/${name}`, { type: 'text/javascript', body })
  for (const [name, path] of Object.entries(PAGES))
    server.files.set(path, { type: 'text/html', body: pages.get(name) ?? '' })
  server.files.set('/page.css', { type: 'text/css', body: await read('page.css') })
  server.files.set('/icon.svg', { type: 'image/svg+xml', body: await read('icon.svg') })
}

/** One of its pages in a browser that has never been here; usually an English and light one. */
export async function openDashboard(
  browser: Browser,
  server: FakeServer,
  path: string,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const page = await tabOf(browser, options)
  const complaints: string[] = []
  page.on('pageerror', ({ message }) => complaints.push(message))
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  await page.goto(`${server.src}${path}`)
  return { page, complaints }
}
