import { after, before } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import type { RunDetails } from '../../db/contract.ts'
import { launchBrowser } from '../support/browser.ts'
import { openPage, serveElements } from './element-page.ts'
import { FakeServer, type Stream } from './fake-server.ts'
import { detailsOf, type RunState } from './run-states.ts'
import { RUN, snapshotEvent } from './samples.ts'

interface Shown {
  page: Page
  stream: Stream
  server: FakeServer
}

/** One browser page for all tests of a file; `show` gives it a new element. */
export function useRunPage(): {
  show(state: RunState, options?: { attributes?: string; details?: Partial<RunDetails>; hash?: string }): Promise<Shown>
} {
  let browser: Browser
  let server: FakeServer
  let page: Page
  before(async () => {
    browser = await launchBrowser()
    server = new FakeServer()
    await server.start()
    await serveElements(server)
    ;({ page } = await openPage(browser, server, '', { viewport: { width: 1000, height: 900 } }))
    page.setDefaultTimeout(10_000)
  })
  after(async () => {
    await browser.close()
    await server.stop()
  })

  return {
    async show(state, { attributes = 'with-logs with-actions', details, hash = '' } = {}) {
      server.documents.set(`/runs/${RUN}`, detailsOf(state, details))
      server.answers.clear()
      // The page lets go of its stream once nobody watches: then there is a new one for what comes.
      await page.evaluate(() => document.querySelector('main')?.replaceChildren())
      await server.untilAllLeft()
      await page.evaluate(
        ([run, attributes, hash]) => {
          location.hash = hash
          const main = document.querySelector('main')
          if (main) main.innerHTML = `<h1>Test</h1><stepcast-run run-id="${run}" ${attributes}>Loading…</stepcast-run>`
        },
        [RUN, attributes, hash] as const,
      )
      const stream = await server.next()
      stream.send(snapshotEvent({ revision: 1, ...state.run }, state.steps))
      stream.ready()
      await page.locator('stepcast-run li.step .name').first().waitFor()
      return { page, stream, server }
    },
  }
}
