import { at, enter, listed, serveWorkflows } from '../client/runs-states.ts'
import { leaveEvent, rowId, rowPatchEvent } from '../client/samples.ts'
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
  picture('parked', async ({ page, server }) => {
    server.streams[0]?.send(rowPatchEvent(9, { revision: 2, parkedBy: 2 }))
    await page.getByText(/^(Waiting for its turn|正在排队)/).waitFor()
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
  picture('working', async (scene) => {
    await scene.page.route('**/cancel', () => {})
    await cancelThree(scene)
    await scene.page.locator('.danger').click()
    await scene.page.locator('.bulk:not(:has(button))').waitFor()
  }),
  picture('deleted', async ({ page, server }) => {
    await page.clock.install()
    server.streams[0]?.send(leaveEvent(5, 'deleted'))
    await page.locator('.deleted').waitFor()
  }),
  picture('gone', async ({ page, server }) => {
    await page.clock.install()
    await page.locator('.row a').nth(2).focus()
    server.streams[0]?.send(leaveEvent(8, 'deleted'))
    server.streams[0]?.send(leaveEvent(6))
    await page.locator('.gone').nth(1).waitFor()
  }),
  {
    ...picture(
      'older',
      ({ page }) => page.locator('.older').waitFor(),
      ELEMENT.replace('with-filters', 'with-filters run-key="aurora-web" q="a"'),
    ),
    prepare: (server) => {
      const runs = [1, 0].map((number) => ({ ...listed(number, {}, at('Push', 1, 2)).data.run, current: null }))
      server.documents.set(`/runs?limit=50&after=${rowId(8)}&key=aurora-web&q=a`, { runs, next: null })
    },
  },
  {
    ...picture(
      'no-older',
      ({ page }) => page.locator('.older .wrong').waitFor(),
      ELEMENT.replace('with-filters', 'with-filters q="a"'),
    ),
    prepare: (server) => server.files.set('/runs', { type: 'application/json', body: 'not what was asked for' }),
  },
  picture('long', async ({ page, server }) => {
    const word = 'a-name-that-no-line-can-hold-'.repeat(8)
    const message = 'A message as long as one likes. '.repeat(9)
    server.streams[0]?.send(listed(12, { displayName: word, key: word, progress: 30 }, at(word, 1, 2, { message })))
    server.streams[0]?.send(listed(11, { displayName: word, status: 'failed', error: message }, at(word, 1, 2)))
    await page.locator('.row').nth(9).waitFor()
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
  empty(
    'unknown-status',
    async ({ page }) => {
      await page.locator('.notice').waitFor()
    },
    ELEMENT.replace('with-filters', 'with-filters status="runing"'),
  ),
  empty('unreachable', async ({ page }) => {
    await page.clock.install()
    await page.route('**/events*', (route) => route.abort())
    await page.reload()
    await page.locator('.link.reconnecting').waitFor()
    await page.clock.fastForward(5_000)
    await page.locator('.notice').waitFor()
  }),
  empty('answered', async ({ page, server }) => {
    await page.clock.install()
    server.refusals.push(...Array.from({ length: 9 }, () => ({ status: 404 })))
    await page.reload()
    await page.locator('.link.reconnecting').waitFor()
    await page.clock.fastForward(5_000)
    await page.getByText('404').waitFor()
  }),
  empty('failed', async ({ page }) => {
    const body = JSON.stringify({ detail: 'limit: must be at most 200.' })
    await page.route('**/events*', (route) => route.fulfill({ status: 422, body }))
    await page.reload()
    await page.locator('.notice').waitFor()
  }),
  empty('forbidden', async ({ page, server }) => {
    server.refusals.push({ status: 403, detail: 'You do not have the right run:read here.' })
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
