import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

const tabs = new WeakMap<Browser, Page>()
const USUAL = { width: 1280, height: 720 }

/**
 * The tab of a browser, which the tests of a file use one after the other: one of its own takes each test as long as
 * what it does there. The pages that it showed before are of another server, and so of another origin: nothing stays of
 * them.
 */
export async function tabOf(
  browser: Browser,
  { viewport = USUAL, ...options }: BrowserContextOptions = {},
): Promise<Page> {
  const isUsual = Object.keys(options).length === 0
  const known = isUsual ? tabs.get(browser) : undefined
  const page = known && !known.isClosed() ? known : await (await browser.newContext(options)).newPage()
  if (isUsual) tabs.set(browser, page)
  if (viewport) await page.setViewportSize(viewport)
  return page
}

/** Closes whatever a test has opened, but for the tab, which shows nothing then. */
export async function clearTabs(browser: Browser): Promise<void> {
  const tab = tabs.get(browser)
  for (const context of browser.contexts()) if (context !== tab?.context()) await context.close()
  if (!tab || tab.isClosed()) return
  await tab.unrouteAll({ behavior: 'ignoreErrors' })
  await tab.mouse.move(0, 0)
  await tab.goto('about:blank')
  await tab.context().clearCookies()
}
