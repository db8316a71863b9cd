import type { FakeServer } from '../client/fake-server.ts'
import { enter, serveWorkflows } from '../client/runs-states.ts'
import { aStep, endEvent, RUN, snapshotEvent } from '../client/samples.ts'
import { manyRuns, someRunning } from '../client/stats-samples.ts'
import { aWorkflow } from '../client/workflow-samples.ts'
import type { Picture, Scene } from './scene.ts'

const VIEW = `/runs/${RUN}/view`
const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000).toISOString()

const entry = (number: number, changes: object) => ({
  entry: number,
  at: ago(100 - 10 * number),
  actor: 'ann',
  action: 'status',
  stepId: null,
  step: null,
  attempt: null,
  from: 'pending',
  to: 'running',
  reason: null,
  ...changes,
})

function prepare(server: FakeServer): void {
  serveWorkflows(server)
  const importing = { workflow: 'import_file', displayName: 'Importing “a.csv”', status: 'running' }
  const why = 'step load shows no change and no log line'
  server.documents.set('/stuck', {
    runs: [{ id: RUN, key: 'a.csv', ...importing, step: 'load', why, since: ago(700) }],
  })
  const entries = [
    entry(1, { action: 'create', from: null, to: 'pending' }),
    entry(2, { actor: 'worker 1', step: 'push' }),
    entry(3, { action: 'cancel', from: 'running', to: 'cancelled', reason: 'The wrong template' }),
  ]
  server.documents.set(`/runs/${RUN}/journal?after=0`, { entries, next: null })
}

async function showRun({ page, stream }: Scene): Promise<void> {
  const over = { status: 'cancelled', completedAt: ago(60), duration: 9_000 } as const
  const shown = await stream()
  shown.send(snapshotEvent(over, [aStep({ status: 'cancelled', startedAt: ago(70) })]))
  shown.send(endEvent(1))
  shown.ready()
  await page.locator('stepcast-run li.step').first().waitFor()
}

export const pictures: Picture[] = [
  {
    name: 'runs',
    html: '/',
    prepare,
    arrange: async ({ page, stream }) => {
      enter(await stream())
      await page.locator('.row a').first().waitFor()
      await page.locator('.stuck').waitFor()
    },
  },
  {
    name: 'token',
    html: '/',
    prepare: (server) => {
      server.refusals.push({ status: 401 })
      serveWorkflows(server)
    },
    arrange: async ({ page }) => page.locator('dialog').waitFor(),
  },
  { name: 'run', html: VIEW, prepare, arrange: showRun },
  {
    name: 'journal-and-deletion',
    html: VIEW,
    prepare,
    arrange: async (scene) => {
      await showRun(scene)
      await scene.page.locator('.journal summary').click()
      await scene.page.locator('tbody tr').first().waitFor()
      await scene.page.locator('#remove').click()
    },
  },
  {
    name: 'start',
    html: '/start/view',
    prepare: (server) => {
      const another = aWorkflow({ name: 'import_file', displayName: 'Import a file', displayNames: null })
      server.documents.set('/workflows', { workflows: [aWorkflow(), another] })
    },
    arrange: async ({ page }) => {
      for (const at of [0, 1]) await page.locator('fieldset.list > button').nth(at).click()
      await page.locator('form .main').click()
      await page.locator('.wrong').first().waitFor()
    },
  },
  {
    name: 'statistics',
    html: '/stats/view',
    prepare: (server) => {
      for (const [path, body] of Object.entries({ '/stats': manyRuns(), '/stats/running': someRunning() }))
        server.files.set(path, { type: 'application/json', body: JSON.stringify(body) })
    },
    arrange: async ({ page }) => page.locator('stepcast-stats .stats[aria-busy=false]').waitFor(),
  },
  {
    name: 'nothing-to-start',
    html: '/start/view',
    prepare: (server) => void server.documents.set('/workflows', { workflows: [] }),
    arrange: async ({ page }) => page.locator('.blank h2').waitFor(),
  },
]
