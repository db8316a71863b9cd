/**
 * What `npm run pictures` runs: each state of the elements, light and dark, wide and narrow, in both languages, into
 * .stepcast/pictures/. Parts of names choose some: `npm run pictures -- run/failed dark-320`.
 */

import { globSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Browser } from 'playwright-core'
import { openDashboard, serveDashboard } from '../client/dashboard.ts'
import { type Opened, openPage, serveElements } from '../client/element-page.ts'
import { FakeServer } from '../client/fake-server.ts'
import { launchBrowser } from '../support/browser.ts'
import type { Look, Picture } from './scene.ts'

const folder = resolve(import.meta.dirname, '../../.stepcast/pictures')
const wanted = process.argv.slice(2)

const looks: Look[] = (['light', 'dark'] as const).flatMap((theme) =>
  [1280, 320].flatMap((width) => (['en', 'zh-CN'] as const).map((lang) => ({ theme, width, lang }))),
)

const browser = await launchBrowser()
for (const file of globSync('*.pictures.ts', { cwd: import.meta.dirname }).sort()) {
  const { pictures } = (await import(join(import.meta.dirname, file))) as { pictures: Picture[] }
  for (const look of looks)
    for (const picture of pictures) await take(browser, file.replace('.pictures.ts', ''), picture, look)
}
await browser.close()

async function take(browser: Browser, set: string, picture: Picture, look: Look): Promise<void> {
  const { theme, width, lang } = look
  const name = `${set}/${picture.name}-${theme}-${width}-${lang}`
  if (!wanted.every((part) => name.includes(part))) return
  const server = new FakeServer()
  await server.start()
  picture.prepare?.(server)
  const viewport = { width, height: 800 }
  const { page } = await open(browser, server, picture.html, { lang, theme, viewport })
  const press = (english: string, chinese: string) =>
    page.getByRole('button', { name: lang === 'en' ? english : chinese, exact: true }).click()
  await picture.arrange({ ...look, page, server, stream: () => server.next(), press })
  const path = join(folder, `${name}.png`)
  await mkdir(dirname(path), { recursive: true })
  await page.locator('main').screenshot({ path, animations: 'disabled' })
  process.stdout.write(`${name}\n`)
  await page.context().close()
  await server.stop()
}

async function open(
  browser: Browser,
  server: FakeServer,
  html: string,
  look: Pick<Look, 'lang' | 'theme'> & { viewport: { width: number; height: number } },
): Promise<Opened> {
  const isPath = html.startsWith('/')
  await (isPath ? serveDashboard(server) : serveElements(server))
  return isPath ? openDashboard(browser, server, html, look) : openPage(browser, server, html, look)
}
