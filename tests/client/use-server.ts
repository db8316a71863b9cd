import { after, afterEach, before, beforeEach } from 'node:test'
import type { Browser } from 'playwright-core'
import { launchBrowser } from '../support/browser.ts'
import { FakeServer } from './fake-server.ts'
import { clearTabs } from './tab.ts'

/**
 * One browser for a file, and for each of its tests a fake server, which `serve` fills; `given` is called with both.
 */
export function useServer(
  serve: (server: FakeServer) => unknown,
  given: (browser: Browser, server: FakeServer) => void,
): void {
  let browser: Browser
  let server: FakeServer
  before(async () => {
    browser = await launchBrowser()
  })
  after(() => browser.close())
  beforeEach(async () => {
    server = new FakeServer()
    await server.start()
    await serve(server)
    given(browser, server)
  })
  afterEach(async () => {
    await clearTabs(browser)
    await server.stop()
  })
}
