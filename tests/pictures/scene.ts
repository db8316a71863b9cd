import type { Page } from 'playwright-core'
import type { FakeServer, Stream } from '../client/fake-server.ts'

/** How a picture is looked at. */
export interface Look {
  theme: 'light' | 'dark'
  /** Of the window, in pixels. */
  width: number
  lang: 'en' | 'zh-CN'
}

/** What a picture is arranged with. */
export interface Scene extends Look {
  page: Page
  server: FakeServer
  /** The next stream that the page opens. */
  stream(): Promise<Stream>
  /** A button by its text, in either language. */
  press(english: string, chinese: string): Promise<void>
}

/** One state of an element. Each file `<set>.pictures.ts` in this folder exports its own as `pictures`. */
export interface Picture {
  /** Names the file. */
  name: string
  /** The elements on the page; of the dashboard, the path of the page itself. */
  html: string
  /** What the server knows before the page is opened. Default: nothing. */
  prepare?(server: FakeServer): void
  /** Brings them into that state; resolves when it is drawn. */
  arrange(scene: Scene): Promise<void>
}
