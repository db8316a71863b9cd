import type { Page } from 'playwright-core'
import type { FakeServer, Stream } from '../client/fake-server.ts'

/** How a picture is looked at. */
export interface Look {
  theme: 'light' | 'dark'
  /** Of the window, in pixels. */
  width: number
  lang: 'en' | 'zh-CN'
  /** What the reader has asked of their system, or how their language is written. Default: nothing out of the ordinary. */
  wish?: 'reduced-motion' | 'forced-colors' | 'right-to-left'
}

/** Every state is looked at in each of them. */
export const LOOKS: readonly Look[] = [
  ...(['en', 'zh-CN'] as const).flatMap((lang) =>
    (['light', 'dark'] as const).flatMap((theme) => [1280, 320].map((width) => ({ theme, width, lang }))),
  ),
  ...(['forced-colors', 'right-to-left'] as const).flatMap((wish) =>
    (
      [
        ['light', 1280],
        ['dark', 320],
      ] as const
    ).map(([theme, width]) => ({ theme, width, lang: 'en' as const, wish })),
  ),
  { theme: 'light', width: 1280, lang: 'en', wish: 'reduced-motion' },
]

export function nameOf({ theme, width, lang, wish }: Look): string {
  return [theme, width, lang, wish].filter(Boolean).join('-')
}

/** What a picture is arranged with. */
export interface Scene {
  lang: Look['lang']
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
