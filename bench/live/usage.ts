import type { ChildProcess } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { hear } from './hear.ts'

const RESOLUTION_MS = 5

/** The usage of one process. Bytes are those in use after a garbage collection. */
export interface Usage {
  rss: number
  /** JavaScript's heap, including its buffers. */
  heap: number
  /** Open files and sockets; 0 if the system does not say. */
  handles: number
  /** The longest time, in milliseconds, that the event loop stood still since the last request. */
  stall: number
}

/** Requests the usage of a process that has called `answerUsage`. */
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
    // Before the garbage collection, which stalls the event loop.
    const stall = Math.max(0, delay.max / 1e6 - RESOLUTION_MS)
    collect()
    const { rss, heapUsed, external } = process.memoryUsage()
    const handles = (await readdir('/proc/self/fd').catch(() => [])).length
    await sleep(2 * RESOLUTION_MS)
    delay.reset()
    process.send?.({ usage: { rss, heap: heapUsed + external, handles, stall } satisfies Usage })
  })
}
