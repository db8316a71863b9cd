import { globSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { openDashboard, serveDashboard } from '../client/dashboard.ts'
import { openPage, serveElements } from '../client/element-page.ts'
import { FakeServer } from '../client/fake-server.ts'
import type { Look, Picture } from './scene.ts'

/** All pictures, each by `<set>/<name>`. */
export async function allPictures(): Promise<Map<string, Picture>> {
  const found = new Map<string, Picture>()
  for (const file of globSync('*.pictures.ts', { cwd: import.meta.dirname }).sort()) {
    const { pictures } = (await import(join(import.meta.dirname, file))) as { pictures: Picture[] }
    for (const picture of pictures) found.set(`${file.replace('.pictures.ts', '')}/${picture.name}`, picture)
  }
  return found
}

/** A page in the state of a picture, to be looked at in one way after the other. */
export class Sitting implements AsyncDisposable {
  readonly page: Page
  readonly #server: FakeServer

  private constructor(page: Page, server: FakeServer) {
    this.page = page
    this.#server = server
  }

  static async open(browser: Browser, { html, prepare, arrange }: Picture, lang: Look['lang']): Promise<Sitting> {
    const server = new FakeServer()
    await server.start()
    prepare?.(server)
    const isPath = html.startsWith('/')
    await (isPath ? serveDashboard(server) : serveElements(server))
    // An element speaks its page's language, the dashboard its reader's. With one said, the tab is not the one that is
    // shared: others sit at the same time.
    const { page } = await (isPath ? openDashboard : openPage)(browser, server, html, { lang, locale: lang })
    const sitting = new Sitting(page, server)
    const press = (english: string, chinese: string) =>
      page.getByRole('button', { name: lang === 'en' ? english : chinese, exact: true }).click()
    try {
      await arrange({ lang, page, server, stream: () => server.next(), press })
      return sitting
    } catch (error) {
      await sitting[Symbol.asyncDispose]()
      throw error
    }
  }

  async become({ theme, width, wish }: Omit<Look, 'lang'>): Promise<void> {
    await this.page.setViewportSize({ width, height: 800 })
    await this.page.emulateMedia({
      colorScheme: theme,
      forcedColors: wish === 'forced-colors' ? 'active' : 'none',
      reducedMotion: wish === 'reduced-motion' ? 'reduce' : 'no-preference',
    })
    const dir = wish === 'right-to-left' ? 'rtl' : 'ltr'
    await this.page.evaluate(([className, dir]) => Object.assign(document.documentElement, { className, dir }), [
      theme,
      dir,
    ] as const)
    // a stream that is silent for as long as the looks take would be given up
    this.#server.streams.at(-1)?.beat()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close()
    await this.#server.stop()
  }
}
