import type { Db } from '../db/client.ts'
import { Failure } from './failure.ts'
import { follow } from './follow.ts'
import type { Settings } from './settings.ts'
import { INTERRUPTED, stopSignal, whenStopped } from './stop.ts'
import { Screen } from './terminal/screen.ts'
import { printRun, showRun } from './terminal/show.ts'

/**
 * Shows a run until it ends. Returns 0 if it completed, 1 if it failed or was cancelled, 130 if the watcher left while
 * the run continues.
 */
export async function watchRun(db: Db, url: string, run: string, settings: Settings, json: boolean): Promise<number> {
  const signal = stopSignal()
  const screen = new Screen(process.stdout, settings.NO_COLOR === undefined)
  const events = follow(db, settings.STEPCAST_LISTEN_URL ?? url, run, signal, json)
  const shown = (json ? printRun : showRun)(events, screen)
  // Not after the query or the connection that is under way: a database may be long in answering.
  const status = await Promise.race([shown, whenStopped(signal).then(() => null)])
  if (status) return status === 'completed' ? 0 : 1
  if (signal.aborted) return INTERRUPTED
  throw new Failure(`There is no run ${run} (any more).`)
}
