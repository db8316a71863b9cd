import { setTimeout } from 'node:timers/promises'
import { paceMs } from './settings.ts'

/** Only for the demo: real files are written too fast to watch. Ends at once when the attempt is aborted. */
export async function pause(signal: AbortSignal): Promise<void> {
  if (paceMs > 0) await setTimeout(paceMs, undefined, { signal })
}
