import type { RunningStats, Stats } from '../../db/contract.ts'
import { aDay, fewRuns, manyRuns, noneRunning, noRuns, someRunning } from '../client/stats-samples.ts'
import type { Picture, Scene } from './scene.ts'

/** Puts the element into the page once the server has its answers. */
function picture(
  name: string,
  attributes: string,
  stats: Stats | number | null,
  running: RunningStats,
  after = async (_: Scene) => {},
): Picture {
  return {
    name,
    html: '<div id="place"></div>',
    arrange: async (scene) => {
      const { page, server } = scene
      server.files.set('/stats/running', { type: 'application/json', body: JSON.stringify(running) })
      if (typeof stats === 'object')
        server.files.set('/stats', { type: 'application/json', body: JSON.stringify(stats) })
      else
        await page.route('**/stats?*', (route) =>
          route.fulfill({ status: stats, body: '{"detail":"The query took too long."}' }),
        )
      const durations = JSON.stringify({ durations: manyRuns().durations })
      server.files.set('/stats/durations', { type: 'application/json', body: durations })
      if (stats === null) await page.route('**/stats/running?*', () => {})
      await page.evaluate((text) => {
        ;(document.querySelector('#place') as HTMLElement).innerHTML = `<stepcast-stats ${text}></stepcast-stats>`
      }, attributes)
      await page
        .locator(stats === null ? 'stepcast-stats .ghost' : 'stepcast-stats :is(dl, .notice)')
        .first()
        .waitFor()
      await after(scene)
    },
  }
}

const openTables = async ({ page }: Scene) => {
  await page.locator('stepcast-stats .fold').nth(2).click()
  await page.locator('stepcast-stats .opened svg.columns').waitFor()
  for (const summary of await page.locator('stepcast-stats summary').all()) await summary.click()
}

export const pictures: Picture[] = [
  picture('all', 'with-workflows', manyRuns(), someRunning()),
  picture('one', 'workflow="project_init"', manyRuns('project_init'), someRunning(), openTables),
  picture('hours', 'period="24h" with-workflows', aDay(), someRunning()),
  picture('few', 'workflow="ship" period="all"', fewRuns(), noneRunning()),
  picture('none', '', noRuns(), noneRunning()),
  picture('loading', '', null, noneRunning()),
  picture('stale', '', manyRuns(), someRunning(), async ({ page }) => {
    await page.route('**/stats/running?*', (route) => route.abort())
    await page.evaluate(() => dispatchEvent(new Event('online')))
    await page.locator('stepcast-stats .stale').waitFor()
  }),
  picture('signed-out', '', manyRuns(), someRunning(), async ({ page }) => {
    await page.route('**/stats/running?*', (route) => route.fulfill({ status: 401, body: '{}' }))
    await page.evaluate(() => dispatchEvent(new Event('online')))
    await page.locator('stepcast-stats .stale').waitFor()
  }),
  picture('step-refused', 'workflow="project_init"', manyRuns('project_init'), someRunning(), async ({ page }) => {
    await page.route('**/durations?*', (route) =>
      route.fulfill({ status: 503, body: '{"detail":"It took too long."}' }),
    )
    await page.locator('stepcast-stats .fold').first().click()
    await page.locator('stepcast-stats .opened [role=alert]').waitFor()
  }),
  picture('forbidden', '', 403, noneRunning()),
  picture('error', '', 503, noneRunning()),
]
