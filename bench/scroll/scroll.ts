import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { migrate } from '../../db/migrate.ts'
import { startServer } from '../../server/start.ts'
import { launchBrowser } from '../../tests/support/browser.ts'
import { type Measurement, measured, percentile } from '../measurement.ts'
import { Stage } from '../stage.ts'
import { fill, LINES, report, STEPS } from './fill.ts'

/** As fast as somebody turns the wheel to find something. */
const PIXELS_PER_SECOND = 5_000
const REPORT_EVERY_MS = 100
const SIZE = { width: 1280, height: 900 }

/**
 * How long frames take while somebody scrolls through many steps, and through a long log, of a run that is in progress.
 */
export async function* scroll({ seconds }: { seconds: number }): AsyncGenerator<Measurement> {
  await using stage = await Stage.open()
  const url = await stage.postgres()
  await migrate(url)
  const client = await stage.connect(url)
  const run = await fill(client)
  const server = await startServer({ databaseUrl: url, port: 0, assets: join(import.meta.dirname, '../../dist') })
  stage.defer(() => server.stop())
  const browser = await launchBrowser()
  stage.defer(() => browser.close())
  const page = await browser.newPage({ viewport: SIZE })
  await page.goto(`${server.url}/runs/${run}/view`)
  await page
    .locator('stepcast-run li.step')
    .nth(STEPS - 1)
    .waitFor({ state: 'attached' })
  let said = 0
  let saying = Promise.resolve()
  const ticking = setInterval(() => {
    saying = saying.then(() => report(client, run, ++said))
  }, REPORT_EVERY_MS)
  stage.defer(async () => {
    clearInterval(ticking)
    await saying
  })
  yield* framesOf('scroll/steps', await scrolled(page, 'body', seconds))
  await page.getByRole('button', { name: 'Logs', exact: true }).click()
  await page.getByText(`${LINES.toLocaleString('en')} lines`).waitFor()
  await page.locator('.log').evaluate((panel) => panel.scrollTo(0, panel.scrollHeight / 2))
  yield* framesOf('scroll/log', await scrolled(page, '.log', seconds))
}

function* framesOf(name: string, frames: readonly number[]): Generator<Measurement> {
  const sorted = frames.toSorted((a, b) => a - b)
  yield measured(`${name}/p50`, percentile(sorted, 0.5), 'ms')
  yield measured(`${name}/p95`, percentile(sorted, 0.95), 'ms')
  yield measured(`${name}/max`, percentile(sorted, 1), 'ms')
}

/** Turns the wheel over an element, down and up again; returns the times of the frames meanwhile. */
async function scrolled(page: Page, over: string, seconds: number): Promise<number[]> {
  await page.evaluate(() => {
    const frames: number[] = []
    let last = performance.now()
    const tick = (now: number) => {
      frames.push(now - last)
      last = now
      requestAnimationFrame(tick)
    }
    requestAnimationFrame(tick)
    Object.assign(window, { frames })
  })
  const panel = page.locator(over).first()
  await panel.scrollIntoViewIfNeeded()
  const box = (await panel.boundingBox()) ?? { x: 0, y: 0, ...SIZE }
  const session = await page.context().newCDPSession(page)
  const distance = (seconds / 2) * PIXELS_PER_SECOND
  for (const yDistance of [-distance, distance])
    await session.send('Input.synthesizeScrollGesture', {
      x: box.x + box.width / 2,
      y: Math.min(box.y + box.height / 2, SIZE.height / 2),
      yDistance,
      speed: PIXELS_PER_SECOND,
      gestureSourceType: 'mouse',
      preventFling: true,
    })
  await session.detach()
  return page.evaluate(() => (window as unknown as { frames: number[] }).frames)
}
