import type { RunEvent } from '../../client/reducer.ts'
import type { StepcastRun } from '../../client/stepcast-run.ts'
import { states } from '../client/run-states.ts'
import { RUN } from '../client/samples.ts'
import { notice, picture } from './run-picture.ts'
import type { Picture, Scene } from './scene.ts'

function end(reason: 'not-found' | 'deleted'): RunEvent {
  return { type: 'end', epoch: null, id: null, data: { run: { id: RUN, revision: 0, status: null }, reason } }
}

async function gone({ stream }: Scene, reason: 'not-found' | 'deleted'): Promise<void> {
  const opened = await stream()
  opened.send(end(reason))
  opened.ready()
}

function refused(name: string, status: number, detail: string): Picture {
  return notice(name, async ({ page }) => {
    await page.route('**/events*', (route) => route.fulfill({ status, body: JSON.stringify({ detail }) }))
    await page.reload()
  })
}

/** Refused while the run is shown. */
function refusedLater(name: string, status: number): Picture {
  return picture(name, states.running, {
    after: async ({ page, server }, stream) => {
      server.refusals.push({ status })
      stream.retry(0)
      stream.end()
      await page.locator('[part=refusal]').waitFor()
    },
  })
}

export const pictures: Picture[] = [
  notice('not-found', (scene) => gone(scene, 'not-found')),
  notice('deleted', (scene) => gone(scene, 'deleted')),
  refused('no-access', 403, 'Not yours.'),
  refused('refused', 400, 'This is no id of a run.'),
  refusedLater('no-more-access', 403),
  refusedLater('signed-out', 401),
  notice('unset', async () => {}, '<stepcast-run></stepcast-run>'),
  notice(
    'not-begun',
    async ({ stream }) => (await stream()).ready(),
    '<stepcast-run workflow="project_init" run-key="42"></stepcast-run>',
  ),
  notice('unreachable', async ({ page }) => {
    await page.clock.install()
    await page.route('**/events*', (route) => route.abort())
    await page.reload()
    await page.locator('.card.is-reconnecting').waitFor()
    await page.clock.fastForward(5_000)
  }),
  notice('answered', async ({ page, server }) => {
    await page.clock.install()
    server.refusals.push(...Array.from({ length: 9 }, () => ({ status: 404 })))
    await page.reload()
    await page.locator('.card.is-reconnecting').waitFor()
    await page.clock.fastForward(5_000)
    await page.getByText('404').waitFor()
  }),
  notice(
    'no-token',
    async ({ page }) => {
      await page.clock.install()
      await page.locator('stepcast-run').evaluate((element: StepcastRun, run) => {
        element.getToken = () => Promise.reject(new Error('Your session has ended: sign in to see this.'))
        element.runId = run
      }, RUN)
      await page.locator('.card.is-reconnecting').waitFor()
      await page.clock.fastForward(5_000)
      await page.getByText('sign in to see this').waitFor()
    },
    '<stepcast-run></stepcast-run>',
  ),
  {
    name: 'loading',
    html: `<stepcast-run run-id="${RUN}" with-logs with-actions></stepcast-run>`,
    arrange: async ({ page, stream }) => {
      await stream()
      await page.locator('.ghost').first().waitFor()
    },
  },
]
