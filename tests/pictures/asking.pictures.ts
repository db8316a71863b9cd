import { detailsOf, operation, states } from '../client/run-states.ts'
import { RUN, snapshotEvent } from '../client/samples.ts'
import { picture } from './run-picture.ts'
import type { Picture, Scene } from './scene.ts'

const cancel = async ({ press, page }: Scene) => {
  await press('Cancel', '取消')
  await page.locator('#sure').waitFor()
}

export const pictures: Picture[] = [
  picture('confirm-cancel', states.running, { after: cancel }),
  picture('cancelling', states.running, {
    after: async (scene) => {
      scene.server.answers.set(`/runs/${RUN}/cancel`, { status: 200, body: {} })
      await cancel(scene)
      await scene.page.locator('#sure').click()
      await scene.page.locator('#act[aria-disabled=true]').waitFor()
    },
  }),
  picture('conflict', states.running, {
    after: async (scene) => {
      scene.server.answers.set(`/runs/${RUN}/cancel`, { status: 409, body: { detail: 'It is completed already.' } })
      await cancel(scene)
      await scene.page.locator('#sure').click()
      await scene.page.getByRole('alert').waitFor()
    },
  }),
  picture('cancel-unheard', states.running, {
    after: async (scene) => {
      await scene.page.route('**/cancel', (route) => route.abort())
      await cancel(scene)
      await scene.page.locator('#sure').click()
      await scene.page.getByRole('alert').waitFor()
    },
  }),
  picture('confirm-retry', states.failed, {
    after: async ({ page }) => {
      await page.locator('.step .again').first().click()
      await page.locator('#sure').waitFor()
    },
  }),
  picture('retry-unheard', states.failed, {
    after: async ({ press, page }) => {
      await page.route('**/retry', (route) => route.abort())
      await press('Retry', '重试')
      await page.getByRole('alert').waitFor()
    },
  }),
  picture('retrying', states.failed, {
    after: async ({ server, press, page }) => {
      server.answers.set(`/runs/${RUN}/retry`, { status: 200, body: {} })
      await press('Retry', '重试')
      await page.locator('#act[aria-disabled=true]').waitFor()
    },
  }),
  picture('retried', states.cancelled, {
    details: { operations: [operation('retry', 'anna')] },
    after: async ({ server, lang, page }, stream) => {
      server.documents.set(`/runs/${RUN}`, detailsOf(states.waiting, { operations: [operation('retry', 'anna')] }))
      stream.send(snapshotEvent({ ...states.waiting.run, revision: 9 }, states.waiting.steps))
      await page.getByText(lang === 'en' ? 'Retried' : 'anna').waitFor()
    },
  }),
  picture('copied', states.failed, {
    after: async ({ page }) => {
      await page.clock.install()
      await page.locator('.error .quiet').click()
    },
  }),
]
