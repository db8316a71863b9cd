import { at, enter, listed, serveWorkflows } from '../client/runs-states.ts'
import { rowId } from '../client/samples.ts'
import type { Picture, Scene } from './scene.ts'

const ELEMENT = '<stepcast-runs with-filters with-actions></stepcast-runs>'
const nothing = async () => {}

function picture(name: string, after: (scene: Scene) => Promise<void> = nothing, html = ELEMENT): Picture {
  return {
    name,
    html,
    arrange: async (scene) => {
      serveWorkflows(scene.server)
      enter(await scene.stream())
      await scene.page.locator('stepcast-runs .row a').first().waitFor()
      await after(scene)
    },
  }
}

/** Nothing can be shown, and why. */
function empty(name: string, arrange: (scene: Scene) => Promise<void>, html = ELEMENT): Picture {
  return { name, html, arrange }
}

const pick = async ({ page }: Scene, ...numbers: number[]) => {
  for (const number of numbers) await page.locator(`[data-run="${rowId(number)}"] input`).check()
}

async function cancelThree(scene: Scene): Promise<void> {
  await pick(scene, 9, 8, 7)
  await scene.press('Cancel 3', '取消 3 个')
}

export const pictures: Picture[] = [
  picture('mixed'),
  picture('grouped', (scene) => scene.press('Group by state', '按状态分组')),
  picture('plain', nothing, '<stepcast-runs></stepcast-runs>'),
  picture('new-ones-wait', async ({ page, server }) => {
    await page.locator('.row a').nth(2).focus()
    for (const number of [11, 12, 13]) server.streams[0]?.send(listed(number, {}, at('Push', 1, 2)))
    await page.locator('.pill').waitFor()
  }),
  picture('selected', (scene) => pick(scene, 8, 6)),
  picture('confirming', cancelThree),
  picture('outcome', async (scene) => {
    for (const number of [9, 8]) scene.server.answers.set(`/runs/${rowId(number)}/cancel`, { status: 200, body: {} })
    const body = { detail: 'The run is completed already; nothing of it can be cancelled.' }
    scene.server.answers.set(`/runs/${rowId(7)}/cancel`, { status: 409, body })
    await cancelThree(scene)
    await scene.page.locator('.danger').click()
    await scene.page.locator('.outcome').waitFor()
  }),
  picture('reconnecting', async ({ page, server }) => {
    server.refusals.push(...Array(50).fill({ status: 503 }))
    server.streams[0]?.cut()
    await page.locator('.link.reconnecting').waitFor()
  }),
  empty('loading', async ({ page, stream }) => {
    await stream()
    await page.locator('.ghost').first().waitFor()
  }),
  empty('none', async ({ page, server, stream }) => {
    server.documents.set('/runs?limit=50', { runs: [], next: null })
    enter(await stream(), [])
    await page.locator('.notice').waitFor()
  }),
  empty(
    'no-match',
    async ({ page, server, stream }) => {
      server.documents.set('/runs?limit=50&status=failed&q=zebra', { runs: [], next: null })
      enter(await stream(), [])
      await page.locator('.notice').waitFor()
    },
    ELEMENT.replace('with-filters', 'with-filters q="zebra" status="failed"'),
  ),
  empty('forbidden', async ({ page, server }) => {
    server.refusals.push({ status: 403, detail: 'You may not do run:read here.' })
    await page.locator('.notice').waitFor()
  }),
  {
    name: 'missing',
    html: '<p></p>',
    arrange: async ({ page }) => {
      await page.route('**/chunks/*', (route) => route.abort())
      await page.evaluate(() => document.querySelector('p')?.replaceWith(document.createElement('stepcast-runs')))
      await page.locator('stepcast-runs footer').waitFor()
    },
  },
]
