import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { BrowserContext, Page } from 'playwright-core'
import { SECRET, sign } from '../server/tokens.ts'
import { size } from '../support/size.ts'
import { isInState, makeBed, type Watching, watchElements } from './bed.ts'
import { waitForSketch } from './picture.ts'

const SECOND = 1_000

const bed = await makeBed()

/** The element as a tab shows it that shares with those who say the same. */
const element = (run: string, attributes = 'share="ada"') =>
  `<stepcast-run run-id="${run}" ${attributes}></stepcast-run>`

/** Opens the address in so many tabs, one after the other; each is live before the next is opened. */
async function openTabs({ page, context, address }: Watching, count: number): Promise<Page[]> {
  const tabs = [page]
  while (tabs.length < count) tabs.push(await context.newPage())
  for (const tab of tabs) {
    await tab.goto(address)
    await isInState(tab, 'live')
  }
  return tabs
}

async function allShow(tabs: Page[], sketch: string): Promise<void> {
  await Promise.all(tabs.map((tab) => waitForSketch(tab, sketch)))
}

/** Resolves to the tab that asks for a stream next: it holds the connection. */
async function nextLeader(context: BrowserContext): Promise<Page> {
  const request = await context.waitForEvent('request', (request) => request.url().endsWith('/events'))
  return request.frame().page()
}

/** One after the other, with the same six tabs: each takes a process of the browser. */
async function sixTabs(t: TestContext): Promise<void> {
  const run = await bed.halfWay()
  await using watching = await watchElements(bed, element(run, ''))
  const { gateway, context } = watching
  let tabs = await openTabs(watching, 6)
  const [first, ...others] = tabs as [Page, ...Page[]]

  await t.test(
    'without sharing: each has its stream and is right, and what is asked next waits for one to close',
    async () => {
      assert.equal(gateway.streams.size, 6)
      await bed.report(run, 60, 'Out at sea')
      await allShow(tabs, await bed.undisturbed(run, 'Out at sea'))
      const answer = first.evaluate(() => fetch('/livez').then(({ status }) => status))
      await bed.report(run, 61, 'Far out')
      await allShow(tabs, await bed.undisturbed(run, 'Far out'))
      assert.ok(!gateway.asked.includes('GET /livez'))
      await others[0]?.evaluate(() => document.querySelector('stepcast-run')?.remove())
      assert.equal(await answer, 200)
      await others[0]?.reload()
    },
  )

  await t.test(
    'that share: one connection, the same picture in all, and the line is free for what is asked',
    async () => {
      const share = (tab: Page) =>
        tab.evaluate(() => document.querySelector('stepcast-run')?.setAttribute('share', 'ada'))
      const [leader] = await Promise.all([nextLeader(context), share(first)])
      assert.equal(leader, first)
      await gateway.until(() => gateway.streams.size === 6)
      await Promise.all(others.map(share))
      await gateway.until(() => gateway.streams.size === 1)
      await bed.report(run, 62, 'Farther')
      await allShow(tabs, await bed.undisturbed(run, 'Farther'))
      assert.equal(await first.evaluate(() => fetch('/livez').then(({ status }) => status)), 200)
      assert.equal(gateway.streams.size, 1)
    },
  )

  await t.test(
    'the one that holds the connection is closed, goes elsewhere, crashes: another has it at once, and nothing is missed',
    async () => {
      const opened = gateway.opened
      const ends = [(tab: Page) => tab.close(), (tab: Page) => tab.goto('about:blank'), crash]
      let leader = first
      for (const [index, end] of ends.entries()) {
        const [next] = await Promise.all([nextLeader(context), end(leader)])
        tabs = tabs.filter((tab) => tab !== leader)
        leader = next
        await bed.report(run, 70 + index, `Mile ${index}`)
        await allShow(tabs, await bed.undisturbed(run, `Mile ${index}`))
        await gateway.until(() => gateway.streams.size === 1)
      }
      assert.equal(gateway.opened, opened + 3)
      await bed.arrive(run)
      await allShow(tabs, await bed.undisturbedAtTheEnd(run))
    },
  )
}

describe('tabs', { concurrency: 2, timeout: size(180, 600) * SECOND }, () => {
  test('six of them on HTTP/1.1', sixTabs)

  test('each with another run and a key, and a log: all on one connection; who comes late is shown all', async () => {
    const key = 'shared'
    const [one, two] = await Promise.all([bed.halfWay(key), bed.halfWay()])
    await using watching = await watchElements(bed, element(one))
    const { gateway, context, page } = watching
    await page.goto(watching.address)
    await isInState(page, 'live')
    const other = await context.newPage()
    await other.goto(
      gateway.page(
        `${element(two, 'share="ada" with-logs')}<stepcast-run workflow="journey" run-key="${key}" share="ada"></stepcast-run>`,
      ),
    )
    await other.waitForFunction(() => document.querySelectorAll('stepcast-run:state(live):state(running)').length === 2)
    await gateway.until(() => gateway.streams.size === 1)
    await other.getByRole('button', { name: 'Log', exact: false }).first().click()
    await other.getByText('The sea is calm').waitFor()
    await gateway.until(() => gateway.streams.size === 1)
    await bed.arrive(one)
    await other.locator('stepcast-run:state(completed)').waitFor()
    const newer = await bed.halfWay(key)
    await other.waitForFunction(() => document.querySelectorAll('stepcast-run:state(running)').length === 2)
    await bed.report(newer, 70, 'Another voyage')
    await other.getByText('Another voyage').waitFor()
    assert.equal(gateway.streams.size, 1)
  })

  test('lists of runs share it too: one connection, the same rows in all, a new one in each', async () => {
    const run = await bed.halfWay()
    await using watching = await watchElements(bed, `${element(run)}<stepcast-runs share="ada"></stepcast-runs>`)
    const { gateway, context, page, address } = watching
    await page.goto(address)
    await page.locator(`[data-run="${run}"]`).waitFor()
    const other = await context.newPage()
    await other.goto(gateway.page('<stepcast-runs share="ada"></stepcast-runs>'))
    await other.locator(`[data-run="${run}"]`).waitFor()
    await gateway.until(() => gateway.streams.size === 1)
    const newer = await bed.halfWay()
    for (const tab of [page, other]) await tab.locator(`[data-run="${newer}"]`).waitFor()
    assert.equal(gateway.streams.size, 1)
  })

  test('the one that holds the connection hangs and keeps its lock: another takes it within seconds, and it follows when it goes on', async () => {
    const run = await bed.halfWay()
    await using watching = await watchElements(bed, element(run))
    const { gateway, context } = watching
    const [leader, ...others] = (await openTabs(watching, 3)) as [Page, ...Page[]]
    assert.equal(gateway.opened, 1)
    const since = Date.now()
    const next = nextLeader(context)
    const goesOn = await hang(leader)
    assert.ok(others.includes(await next))
    assert.ok(Date.now() - since < 10 * SECOND, `after ${Date.now() - since} ms`)
    await bed.report(run, 80, 'Land ahead')
    await allShow(others, await bed.undisturbed(run, 'Land ahead'))
    await goesOn()
    await gateway.until(() => gateway.streams.size === 1)
    await bed.arrive(run)
    await allShow([leader, ...others], await bed.undisturbedAtTheEnd(run))
    assert.deepEqual([gateway.opened, gateway.streams.size], [2, 1])
  })

  test('it hangs, and the others find that at the same moment: one of them takes the connection', async () => {
    const run = await bed.halfWay()
    await using watching = await watchElements(bed, element(run))
    const { gateway, context } = watching
    await context.addInitScript(findSilenceTogether)
    const [leader, ...others] = (await openTabs(watching, 3)) as [Page, ...Page[]]
    const next = nextLeader(context)
    const goesOn = await hang(leader)
    await next
    await bed.report(run, 80, 'Land ahead')
    await allShow(others, await bed.undisturbed(run, 'Land ahead'))
    await goesOn()
    await allShow([leader], await bed.undisturbed(run, 'Land ahead'))
    assert.deepEqual([gateway.opened, gateway.streams.size], [2, 1])
  })

  test('of other users, tokens or servers have connections of their own, and so have those that do not share', async () => {
    await using server = await bed.serve({ jwt: { secret: SECRET } })
    const run = await bed.halfWay()
    await using watching = await watchElements(bed, '', server.url)
    const { gateway, context, page } = watching
    const [ada, bea, blue] = await Promise.all(
      [{ sub: 'ada' }, { sub: 'bea' }, { sub: 'ada', tenant: 'blue' }].map((who) =>
        sign({ tenant: 'default', ...who }),
      ),
    )
    await page.goto(gateway.page(element(run, `share token="${ada}"`)))
    await isInState(page, 'live')
    const all = [
      `share token="${ada}"`,
      `share token="${bea}"`,
      `share="x" token="${ada}"`,
      `token="${ada}"`,
      `share token="${blue}"`,
    ]
    const other = await context.newPage()
    await other.goto(gateway.page(all.map((attributes) => element(run, attributes)).join('')))
    await other.getByText('No such run').waitFor()
    await other.waitForFunction(() => document.querySelectorAll('stepcast-run:state(live):state(running)').length === 4)
    assert.equal(await other.getByText('Half way').count(), 4)
    assert.equal(gateway.streams.size, 5)
  })

  test('where there are no Web Locks each has its own', async () => {
    const run = await bed.halfWay()
    await using watching = await watchElements(bed, element(run))
    await watching.context.addInitScript(() => Object.defineProperty(navigator, 'locks', { value: undefined }))
    const tabs = await openTabs(watching, 2)
    assert.equal(watching.gateway.streams.size, 2)
    await allShow(tabs, await bed.undisturbed(run, 'Half way'))
  })
})

/**
 * Runs in each tab. Simulates a busy machine: all tabs wait equally long before they ask, and what one says reaches the
 * others so late that they have asked too.
 */
function findSilenceTogether(): void {
  Math.random = () => 0
  const { postMessage } = BroadcastChannel.prototype
  BroadcastChannel.prototype.postMessage = function (message) {
    setTimeout(() => postMessage.call(this, message), 700)
  }
}

/** Blocks all script of a tab; resolves, once it is blocked, to what lets it go on. */
async function hang(tab: Page): Promise<() => Promise<void>> {
  const asked = Promise.withResolvers<void>()
  const answered = Promise.withResolvers<void>()
  await tab.route('**/hang', async (route) => {
    asked.resolve()
    await answered.promise
    await route.fulfill({ body: '' })
  })
  const isOver = tab.evaluate(() => {
    const request = new XMLHttpRequest()
    request.open('GET', '/hang', false)
    request.send()
  })
  await asked.promise
  return () => {
    answered.resolve()
    return isOver
  }
}

async function crash(tab: Page): Promise<void> {
  const session = await tab.context().newCDPSession(tab)
  const crashed = tab.waitForEvent('crash')
  session.send('Page.crash').catch(() => {})
  await crashed
}
