import type { RunEvent } from '../../client/reducer.ts'
import type { RunDetails } from '../../db/contract.ts'
import type { Stream } from '../client/fake-server.ts'
import { detailsOf, operation, type RunState, states } from '../client/run-states.ts'
import { RUN, snapshotEvent } from '../client/samples.ts'
import type { Picture, Scene } from './scene.ts'

const ELEMENT = `<stepcast-run run-id="${RUN}" with-logs with-actions></stepcast-run>`

interface More {
  /** What the stream leaves out. */
  details?: Partial<RunDetails>
  /** What is done once the run is shown. */
  after?(scene: Scene, stream: Stream): Promise<void>
}

/** Shows a run, then does what comes after. */
function picture(name: string, state: RunState, { details, after }: More = {}): Picture {
  return {
    name,
    html: ELEMENT,
    arrange: async (scene) => {
      scene.server.documents.set(`/runs/${RUN}`, detailsOf(state, details))
      const stream = await scene.stream()
      show(stream, state)
      await scene.page.locator('stepcast-run li.step .name').first().waitFor()
      await after?.(scene, stream)
    },
  }
}

function show(stream: Stream, { run, steps }: RunState): void {
  stream.send(snapshotEvent(run, steps))
  stream.ready()
}

/** Nothing to be shown, and why. */
function notice(name: string, arrange: (scene: Scene) => Promise<void>): Picture {
  return {
    name,
    html: ELEMENT,
    arrange: async (scene) => {
      await arrange(scene)
      await scene.page.locator('stepcast-run .notice').waitFor()
    },
  }
}

function end(reason: 'not-found' | 'deleted'): RunEvent {
  return { type: 'end', epoch: null, id: null, data: { run: { id: RUN, revision: 0, status: null }, reason } }
}

async function gone({ stream }: Scene, reason: 'not-found' | 'deleted'): Promise<void> {
  const opened = await stream()
  opened.send(end(reason))
  opened.ready()
}

const WORDS = [
  'Fetching \u001b[36morigin/main\u001b[0m',
  '\u001b[32m✔\u001b[0m 297 files written',
  'Retrying after 429',
]

/** Opens the log, with some lines in it. */
async function openLogs({ press, stream, page }: Scene, state: RunState): Promise<void> {
  await press('Logs', '日志')
  const opened = await stream()
  opened.send(snapshotEvent(state.run, state.steps))
  const lines = Array.from({ length: 40 }, (_, index) => ({
    line: index + 1,
    stepId: index < 12 ? 1 : 2,
    at: new Date().toISOString(),
    level: (['info', 'info', 'debug', 'warn', 'error'] as const)[index % 5] ?? 'info',
    message: WORDS[index % 3] ?? '',
  }))
  opened.send({ type: 'log', epoch: 'e1', id: 'e1-1', data: { run: { id: RUN, revision: 1 }, lines } })
  opened.ready()
  await page.locator('#L40').waitFor()
}

const attempts = (scene: Scene) => scene.page.locator('.step .time .fold').first().click()
const cancel = async ({ press, page }: Scene) => {
  await press('Cancel', '取消')
  await page.locator('#sure').waitFor()
}

export const pictures: Picture[] = [
  ...Object.entries(states).map(([name, state]) =>
    picture(
      name,
      state,
      name === 'cancelled' ? { details: { operations: [operation('cancel', 'anna', 'wrong branch')] } } : {},
    ),
  ),
  picture(
    'unserved',
    { ...states.pending, run: { ...states.pending.run, createdAt: '2026-11-22T10:00:00Z' } },
    {
      details: { unserved: true },
      after: async ({ page, lang }) => page.getByText(lang === 'en' ? 'No worker' : '没有可执行').waitFor(),
    },
  ),
  picture('attempts', states.failed, {
    after: async (scene) => {
      await attempts(scene)
      await scene.page.locator('.try').first().click()
    },
  }),
  picture('timeline', states.failed, {
    after: async ({ press, page }) => {
      await press('Timeline', '时间线')
      await page.locator('.lane rect.waited').first().waitFor()
    },
  }),
  picture('timeline-running', states.deep, {
    after: async ({ press, page }) => {
      await press('Timeline', '时间线')
      await page.locator('.lane rect').first().waitFor()
    },
  }),
  picture('logs', states.running, { after: (scene) => openLogs(scene, states.running) }),
  picture('logs-search', states.running, {
    after: async (scene) => {
      await openLogs(scene, states.running)
      await scene.page.getByRole('searchbox').fill('files')
      await scene.page.locator('mark').first().waitFor()
    },
  }),
  picture('logs-missing', states.running, {
    after: async ({ page, press }) => {
      await page.route('**/chunks/*', (route) => route.abort())
      await press('Logs', '日志')
      await page.locator('footer').nth(1).waitFor()
    },
  }),
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
  picture('reconnecting', states.running, {
    after: async ({ server, page }, stream) => {
      server.refusals.push({ status: 502 })
      stream.cut()
      await page.locator('.card.is-reconnecting').waitFor()
    },
  }),
  picture('stale', states.running, {
    after: async ({ page }, stream) => {
      await page.clock.install()
      await page.route('**/events*', (route) => route.abort())
      stream.cut()
      await page.locator('.card.is-reconnecting').waitFor()
      await page.clock.fastForward(12_000)
    },
  }),
  notice('not-found', (scene) => gone(scene, 'not-found')),
  notice('deleted', (scene) => gone(scene, 'deleted')),
  notice('no-access', async ({ server, page }) => {
    server.refusals.push({ status: 403, detail: 'Not yours.' })
    await page.reload()
  }),
]
