import type { ChildProcess } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { hear } from './hear.ts'

const RESOLUTION_MS = 5

/** Of one process. Bytes are those that a collection of garbage leaves. */
export interface Usage {
  rss: number
  /** Of JavaScript, with its buffers. */
  heap: number
  /** Open files and sockets; 0 where the system does not tell. */
  handles: number
  /** The longest time, in milliseconds, for which the event loop did not turn since it was asked last. */
  stall: number
}

/** Asks a process that has said `answerUsage`. */
export async function askUsage(child: ChildProcess): Promise<Usage> {
  const answer = hear(child, isUsage)
  child.send('usage')
  return (await answer).usage
}

function isUsage(message: unknown): message is { usage: Usage } {
  return typeof message === 'object' && message !== null && 'usage' in message
}

export function answerUsage(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  process.on('message', async (message) => {
    if (message !== 'usage') return
    // Before the garbage is collected, which stalls it.
    const stall = Math.max(0, delay.max / 1e6 - RESOLUTION_MS)
    collect()
    const { rss, heapUsed, external } = process.memoryUsage()
    const handles = (await readdir('/proc/self/fd').catch(() => [])).length
    await sleep(2 * RESOLUTION_MS)
    delay.reset()
    process.send?.({ usage: { rss, heap: heapUsed + external, handles, stall } satisfies Usage })
  })
}
