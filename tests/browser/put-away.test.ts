import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { type CDPSession, chromium, type Page } from 'playwright-core'
import { freePort } from '../support/port.ts'
import { size } from '../support/size.ts'
import { isInState, makeBed, showsHalfWay, showsTheSame } from './bed.ts'
import { Gateway } from './gateway.ts'
import { waitForSketch } from './picture.ts'

const SECOND = 1_000

// Playwright keeps pages awake and out of the cache, but for those of a browser that it has only joined.
const port = await freePort()
const bed = await makeBed({
  args: [`--remote-debugging-port=${port}`],
  ignoreDefaultArgs: ['--disable-back-forward-cache'],
})
const joined = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true })
after(() => joined.close())

/** The browser that the tests bring along has no such cache: what it says then is of itself. */
const OF_THE_BROWSER = ['BackForwardCacheDisabledForDelegate', 'BrowsingInstanceNotSwapped']

interface Opened extends AsyncDisposable {
  page: Page
  gateway: Gateway
  address: string
  session: CDPSession
}

async function open(elements: string, gateway?: Gateway): Promise<Opened> {
  const door = gateway ?? (await Gateway.start(bed.server.url))
  const context = joined.contexts()[0]
  assert.ok(context)
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  await session.send('Page.enable')
  const dispose = async () => {
    await page.close()
    if (!gateway) await door[Symbol.asyncDispose]()
  }
  return { page, gateway: door, address: door.page(elements), session, [Symbol.asyncDispose]: dispose }
}

const freeze = ({ session }: Opened) => session.send('Page.setWebLifecycleState', { state: 'frozen' })

async function thaw({ session, page }: Opened): Promise<void> {
  await session.send('Page.setWebLifecycleState', { state: 'active' })
  await page.bringToFront()
}

describe('a page that is put away shows the same when it is back', {
  concurrency: 2,
  timeout: size(120, 600) * SECOND,
}, () => {
  const alone = ['', ''] as const
  const sharing = [', one that shares its connection too', 'share="ada"'] as const
  for (const [name, attributes] of size([sharing], [alone, sharing])) {
    test(`forward and back: nothing of it keeps it out of the back/forward cache${name}`, async () => {
      const run = await bed.halfWay()
      await using opened = await open(`<stepcast-run run-id="${run}" ${attributes}></stepcast-run>`)
      const { page, gateway, session } = opened
      const reasons: string[] = []
      session.on('Page.backForwardCacheNotUsed', ({ notRestoredExplanations }) => {
        reasons.push(...notRestoredExplanations.map(({ reason }) => reason))
      })
      await showsHalfWay(bed, opened, run)
      await page.evaluate(() => Object.assign(window, { isKept: true }))
      await page.goto(gateway.page('Elsewhere'))
      await gateway.until(() => gateway.streams.size === 0)
      await bed.report(run, 80, 'Land ahead')
      // once this is answered: what leaves takes its context along
      await page.evaluate(() => void setTimeout(() => history.back()))
      await gateway.until(() => gateway.streams.size === 1)
      await waitForSketch(page, await bed.undisturbed(run, 'Land ahead'))
      const isKept = await page.evaluate(() => 'isKept' in window)
      assert.deepEqual(isKept ? [] : reasons.toSorted(), isKept ? reasons : OF_THE_BROWSER)
      await showsTheSame(bed, page, run, 'Land ahead')
    })
  }

  test('frozen by the browser: its connection is closed, and opened when it goes on', async () => {
    const run = await bed.halfWay()
    await using opened = await open(`<stepcast-run run-id="${run}"></stepcast-run>`)
    const { page, gateway } = opened
    await showsHalfWay(bed, opened, run)
    await freeze(opened)
    await gateway.until(() => gateway.streams.size === 0)
    await bed.report(run, 80, 'Land ahead')
    await bed.undisturbed(run, 'Land ahead')
    assert.equal(gateway.opened, 1)
    await thaw(opened)
    await showsTheSame(bed, page, run, 'Land ahead')
  })

  test('frozen while it holds the connection of several tabs: another has it at once', async () => {
    const run = await bed.halfWay()
    const element = `<stepcast-run run-id="${run}" share="bea"></stepcast-run>`
    await using first = await open(element)
    await showsHalfWay(bed, first, run)
    const { gateway } = first
    await using second = await open(element, gateway)
    await second.page.goto(second.address)
    await isInState(second.page, 'live')
    assert.equal(gateway.opened, 1)
    await freeze(first)
    await gateway.until(() => gateway.opened === 2 && gateway.streams.size === 1)
    await second.page.bringToFront()
    await bed.report(run, 80, 'Land ahead')
    await waitForSketch(second.page, await bed.undisturbed(run, 'Land ahead'))
    await thaw(first)
    await showsTheSame(bed, first.page, run, 'Land ahead')
    assert.deepEqual([gateway.opened, gateway.streams.size], [2, 1])
  })
})
