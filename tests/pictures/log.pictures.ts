import { states } from '../client/run-states.ts'
import { openLogs, picture } from './run-picture.ts'
import type { Picture, Scene } from './scene.ts'

function log(name: string, then: (scene: Scene) => Promise<unknown>, count?: number): Picture {
  return picture(name, states.running, {
    after: async (scene) => {
      await openLogs(scene, states.running, count)
      await then(scene)
    },
  })
}

export const pictures: Picture[] = [
  picture('missing', states.running, {
    after: async ({ page, press }) => {
      await page.route('**/chunks/*', (route) => route.abort())
      await press('Logs', '日志')
      await page.locator('footer').nth(1).waitFor()
    },
  }),
  log('followed', async () => {}),
  log('searched', async ({ page }) => {
    await page.getByRole('searchbox').fill('files')
    await page.locator('mark').first().waitFor()
  }),
  log('found-nothing', ({ page }) => page.getByRole('searchbox').fill('zebra')),
  log('scrolled', async ({ page }) => {
    await page.locator('.log').evaluate((panel) => panel.scrollTo(0, 0))
    await page.locator('.to-end').waitFor()
  }),
  log('not-wrapped', ({ press }) => press('Wrap', '自动换行')),
  log('empty', async () => {}, 0),
  log(
    'none-fits',
    async ({ page }) => {
      await page.locator('.tools select').first().selectOption('error')
      await page.locator('.tools select').last().selectOption({ index: 3 })
    },
    9,
  ),
]
