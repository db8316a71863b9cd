import type { LogLine, RunDetails } from '../../db/contract.ts'
import type { Stream } from '../client/fake-server.ts'
import { detailsOf, type RunState } from '../client/run-states.ts'
import { RUN, snapshotEvent } from '../client/samples.ts'
import type { Picture, Scene } from './scene.ts'

const ELEMENT = `<stepcast-run run-id="${RUN}" with-logs with-actions></stepcast-run>`

interface More {
  /** What the stream leaves out. */
  details?: Partial<RunDetails>
  /** More than the usual ones. */
  attributes?: string
  /** What is done once the run is shown. */
  after?(scene: Scene, stream: Stream): Promise<void>
}

/** Shows a run, then does what comes after. */
export function picture(name: string, state: RunState, { details, attributes = '', after }: More = {}): Picture {
  return {
    name,
    html: ELEMENT.replace('with-logs', `with-logs ${attributes}`),
    arrange: async (scene) => {
      scene.server.documents.set(`/runs/${RUN}`, detailsOf(state, details))
      const stream = await scene.stream()
      stream.send(snapshotEvent(state.run, state.steps))
      stream.ready()
      await scene.page.locator('stepcast-run li.step .name').first().waitFor()
      await after?.(scene, stream)
    },
  }
}

/** Nothing to be shown, and why. */
export function notice(name: string, arrange: (scene: Scene) => Promise<void>, html = ELEMENT): Picture {
  return {
    name,
    html,
    arrange: async (scene) => {
      await arrange(scene)
      await scene.page.locator('stepcast-run .notice').waitFor()
    },
  }
}

const WORDS = [
  'Fetching \u001b[36morigin/main\u001b[0m',
  '\u001b[32m✔\u001b[0m 297 files written',
  'Retrying after 429: https://templates.example.com/v2/archives/aurora-web/7f3c9e1d5b/release-candidate.tar.gz?signature=9b1c',
]

/** Opens the log with so many lines in it. */
export async function openLogs({ press, stream, page }: Scene, state: RunState, count = 40): Promise<void> {
  await press('Logs', '日志')
  const opened = await stream()
  opened.send(snapshotEvent(state.run, state.steps))
  const lines = Array.from(
    { length: count },
    (_, index): LogLine => ({
      line: index + 1,
      stepId: index < 12 ? 1 : 2,
      at: new Date().toISOString(),
      level: (['info', 'info', 'debug', 'warn', 'error'] as const)[index % 5] ?? 'info',
      message: WORDS[index % 3] ?? '',
    }),
  )
  if (count > 0) opened.send({ type: 'log', epoch: 'e1', id: 'e1-1', data: { run: { id: RUN, revision: 1 }, lines } })
  opened.ready()
  await page.locator(count > 0 ? `#L${count}` : '.log').waitFor()
}
