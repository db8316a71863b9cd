import type { FakeServer } from '../client/fake-server.ts'
import { enter, serveWorkflows } from '../client/runs-states.ts'
import { aRun, aStep, endEvent, RUN, snapshotEvent } from '../client/samples.ts'
import { manyRuns, someRunning } from '../client/stats-samples.ts'
import { aWorkflow } from '../client/workflow-samples.ts'
import type { Picture, Scene } from './scene.ts'

const VIEW = `/runs/${RUN}/view`
const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000).toISOString()

const NAMED = {
  type: 'object',
  required: ['name', 'host'],
  properties: {
    name: {
      type: 'string',
      title: 'Name',
      description: 'Lower-case letters, digits and dashes.',
      pattern: '^[a-z0-9-]+$',
    },
    host: {
      type: 'string',
      title: 'Host',
      pattern: '^(?!-)[a-z0-9-]{1,63}(\\.[a-z0-9-]{1,63})*$',
      default: 'Not.one!',
    },
  },
}

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
  const names = { displayName: 'Importing “a.csv”', displayNames: { 'zh-CN': '正在导入“a.csv”' } }
  const why = { reason: 'no-change', why: 'step load shows no change and no log line', step: 'load' }
  server.documents.set('/stuck', {
    runs: [{ id: RUN, workflow: 'import_file', key: 'a.csv', status: 'running', ...names, ...why, since: ago(700) }],
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
    name: 'journal',
    html: VIEW,
    prepare: (server) => {
      prepare(server)
      const reason = 'The template was the wrong one, as the team found out after the fact. '.repeat(12)
      const entries = [
        entry(1, {
          action: 'create',
          from: null,
          to: 'pending',
          actor: 'a.rather.long.name@of-an-organisation.example',
        }),
        ...['running', 'failed'].map((to, at) =>
          entry(at + 2, { actor: 'worker-7f3c9e1d', stepId: 1, step: 'push', to }),
        ),
        entry(4, { action: 'retry', from: null, to: null, reason }),
      ]
      server.documents.set(`/runs/${RUN}/journal?after=0`, { entries, next: 4 })
    },
    arrange: async (scene) => {
      await showRun(scene)
      await scene.page.locator('.journal summary').first().click()
      await scene.page.locator('tbody tr').first().waitFor()
    },
  },
  {
    name: 'no-such-run',
    html: VIEW,
    arrange: async ({ page, stream }) => {
      const shown = await stream()
      const data = { run: { id: RUN, revision: 0, status: null }, reason: 'not-found' } as const
      shown.send({ type: 'end', epoch: null, id: null, data })
      shown.ready()
      await page.locator('stepcast-run .notice').waitFor()
    },
  },
  {
    name: 'token-refused',
    html: '/',
    prepare: (server) => {
      server.refusals.push({ status: 401 })
      serveWorkflows(server)
    },
    arrange: async ({ page }) => {
      await page.route('**/workflows', (route) => route.fulfill({ status: 401, body: '{}' }))
      await page.locator('dialog input').fill('a token')
      await page.locator('dialog .main').click()
      await page.locator('#token-wrong').waitFor()
    },
  },
  {
    name: 'start-wrong-form',
    html: '/start/view',
    prepare: (server) => server.documents.set('/workflows', { workflows: [aWorkflow({ inputSchema: NAMED })] }),
    arrange: async ({ page }) => {
      await page.locator('form input').first().fill('Not as it should be')
      await page.locator('form .main').click()
      await page.locator('.wrong').first().waitFor()
    },
  },
  {
    name: 'start-known',
    html: '/start/view',
    prepare: (server) => {
      server.documents.set('/workflows', { workflows: [aWorkflow({ inputSchema: null })] })
      server.answers.set('/runs', { status: 200, body: { run: aRun() } })
    },
    arrange: async ({ page }) => {
      await page.locator('textarea').fill('{"path": "a.csv"}')
      await page.locator('#key').fill('a.csv')
      await page.locator('form .main').click()
      await page.getByRole('status').waitFor()
    },
  },
  {
    name: 'start-refused',
    html: '/start/view',
    prepare: (server) => {
      server.documents.set('/workflows', {
        workflows: [aWorkflow({ inputSchema: { type: 'object', properties: {} } })],
      })
      server.answers.set('/runs', { status: 403, body: { detail: 'You do not have the right run:start here.' } })
    },
    arrange: async ({ page }) => {
      await page.locator('form .main').click()
      await page.getByRole('alert').waitFor()
    },
  },
  {
    name: 'start-unanswered',
    html: '/start/view',
    prepare: (server) => {
      server.documents.set('/workflows', {
        workflows: [aWorkflow({ inputSchema: { type: 'object', properties: {} } })],
      })
      server.answers.set('/runs', { status: 502, body: {} })
    },
    arrange: async ({ page }) => {
      await page.locator('form .main').click()
      await page.getByRole('alert').waitFor()
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
