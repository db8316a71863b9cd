import { ServerClock } from '../../client/clock.ts'
import { NOTHING_KNOWN, type RunEvent, reduce } from '../../client/reducer.ts'
import type { RunStatus } from '../../db/contract.ts'
import { drawRun } from './draw.ts'
import { describeChanges } from './lines.ts'
import type { Screen } from './screen.ts'
import { asJson } from './text.ts'

const FRAME_MS = 100

/**
 * Shows a run until it ends, redrawn in place or one line per change. Resolves to its status; null: its end was not
 * seen.
 */
export async function showRun(events: AsyncIterable<RunEvent>, screen: Screen): Promise<RunStatus | null> {
  const clock = new ServerClock()
  let state = NOTHING_KNOWN
  const redraw = () => {
    if (state.run) screen.draw(drawRun(state.run, state.steps, screen.look, (time) => clock.since(time)))
  }
  const timer = screen.live ? setInterval(redraw, FRAME_MS) : undefined
  try {
    for await (const event of events) {
      if (event.type === 'snapshot' || event.type === 'patch') clock.observe(event.data.now)
      const before = state
      state = reduce(state, event)
      if (screen.live) redraw()
      else for (const line of describeChanges(before, state)) screen.print(line)
    }
  } finally {
    clearInterval(timer)
    screen.settle()
  }
  return state.ended === null || state.ended === 'deleted' || state.ended === 'not-found' ? null : state.ended
}

/**
 * The same as one JSON object per line: `{"event": "snapshot" | "patch" | "log" | "end", …}` with what the stream
 * sends.
 */
export async function printRun(events: AsyncIterable<RunEvent>, screen: Screen): Promise<RunStatus | null> {
  let status: RunStatus | null = null
  for await (const { type, data } of events) {
    screen.print(asJson({ event: type, ...data }))
    if (type === 'end') status = data.run.status
  }
  return status
}
