import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CDPSession, Page } from 'playwright-core'
import { size } from '../support/size.ts'
import { isInState, makeBed, watchRun } from './bed.ts'

const SECOND = 1_000
const KB = 1_024
/** A report a second for 30 minutes, and a share of it. */
const TICKS = size(30, 1_800)
const MOUNTS = size(20, 1_000)
/** Of what asks the server for something of its own each time. */
const SLOW_MOUNTS = size(3, 100)

const bed = await makeBed()

interface Used {
  heap: number
  /** What must not become more by a single one. */
  kept: { nodes: number; listeners: number; elements: number; signals: number }
}

/** What a page holds when all that can be let go has been. */
async function holds(page: Page): Promise<Used> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.enable')
  for (let round = 0; round < 3; round++) await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  const { nodes, jsEventListeners } = await session.send('Memory.getDOMCounters')
  const elements = await count(session, "Object.getPrototypeOf(customElements.get('stepcast-run')).prototype")
  const signals = await count(session, 'AbortSignal.prototype')
  await session.detach()
  return { heap: usedSize, kept: { nodes, listeners: jsEventListeners, elements, signals } }
}

/** Once what is under way has let go, such as an answer that nobody waits for any more; or what is left after a time. */
async function holdsNoMoreThan({ kept: { nodes, listeners, elements, signals } }: Used, page: Page): Promise<Used> {
  const endsAt = Date.now() + 10 * SECOND
  for (;;) {
    const now = await holds(page)
    const { kept } = now
    const isMore =
      kept.nodes > nodes || kept.listeners > listeners || kept.elements > elements || kept.signals > signals
    if (!isMore || Date.now() > endsAt) return now
  }
}

/** How many there are of a kind, in the page or only in memory, subclasses and prototypes among them. */
async function count(session: CDPSession, prototype: string): Promise<number> {
  const { result } = await session.send('Runtime.evaluate', { expression: prototype })
  const { objects } = await session.send('Runtime.queryObjects', { prototypeObjectId: result.objectId ?? '' })
  const { result: properties } = await session.send('Runtime.getProperties', { objectId: objects.objectId ?? '' })
  return properties.find(({ name }) => name === 'length')?.value?.value
}

describe('a tab does not grow', { timeout: size(120, 600) * SECOND }, () => {
  test(`over ${TICKS} reports (of 30 minutes’ 1,800, as fast as they go)`, async () => {
    const run = await bed.halfWay()
    await using watching = await watchRun(bed, run)
    const { page, address } = watching
    await page.goto(address)
    await page.evaluate(() => {
      Object.assign(window, { changes: 0 })
      addEventListener('stepcast-change', () =>
        Object.assign(window, { changes: (window as unknown as { changes: number }).changes + 1 }),
      )
    })
    const changes = () => page.evaluate(() => (window as unknown as { changes: number }).changes)
    const tick = async (from: number, count: number) => {
      for (let n = from; n < from + count; n++) await bed.report(run, 50, `Mile ${n}`)
      await page.getByText(`Mile ${from + count - 1}`, { exact: false }).waitFor()
    }
    await tick(0, TICKS)
    const before = await holds(page)
    await tick(TICKS, TICKS)
    const after = await holds(page)
    assert.ok((await changes()) > TICKS / 2, `${await changes()} changes came`)
    assert.ok(after.heap - before.heap < 100 * KB, `${after.heap - before.heap} bytes more`)
    assert.deepEqual(after.kept, before.kept)
  })

  for (const [count, what, tag, given, drawn] of [
    [MOUNTS, 'runs', 'stepcast-run', {}, 'li .name'],
    [SLOW_MOUNTS, 'lists', 'stepcast-runs', { withFilters: true, withActions: true }, '.row a'],
    [SLOW_MOUNTS, 'statistics', 'stepcast-stats', {}, '.tiles:not([aria-hidden])'],
  ] as const) {
    test(`when ${count} ${what} come and go: none of them stays, no listener, no node and no connection`, async () => {
      const run = await bed.halfWay()
      await using watching = await watchRun(bed, run)
      const { page, gateway, address } = watching
      await page.goto(address)
      await isInState(page, 'live')
      const mount = () => page.evaluate(mountElements, { tag, given: { ...given, runId: run }, drawn, count })
      await mount()
      const before = await holds(page)
      await mount()
      const after = await holdsNoMoreThan(before, page)
      assert.ok(tag !== 'stepcast-run' || gateway.opened === 1)
      for (const [what, number] of Object.entries(before.kept))
        assert.ok(after.kept[what as keyof Used['kept']] <= number, `${what}: ${JSON.stringify([before, after])}`)
      // what is compiled meanwhile, however many they were
      assert.ok(after.heap - before.heap < 250 * KB, `${after.heap - before.heap} bytes more`)
      await page.evaluate(() => document.querySelector('stepcast-run')?.remove())
      await gateway.until(() => gateway.streams.size === 0)
    })
  }
})

interface Mounting {
  tag: string
  given: object
  /** What is there once it is drawn. */
  drawn: string
  count: number
}

/** In the page: one after the other is shown and removed. */
async function mountElements({ tag, given, drawn, count }: Mounting): Promise<void> {
  for (let n = 0; n < count; n++) {
    const element = document.body.appendChild(Object.assign(document.createElement(tag), given))
    const root = element.shadowRoot as ShadowRoot
    await new Promise<void>((resolve) => {
      const look = () => {
        if (!root.querySelector(drawn)) return
        observer.disconnect()
        resolve()
      }
      const observer = new MutationObserver(look)
      observer.observe(root, { childList: true, subtree: true })
      look()
    })
    element.remove()
  }
}
