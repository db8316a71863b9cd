import { setTimeout as pause } from 'node:timers/promises'

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5_000

export interface Lane {
  /**
   * Requests work: it starts in this tick or, if some is under way, right after that, once for all requests meanwhile.
   */
  wake(): void
  /** Resolves when what is under way has ended; nothing starts after it. */
  stop(): Promise<void>
}

/**
 * One piece of work at a time: the first starts at once, and what arrives while it runs is done in the next one. So an
 * idle server answers at once and a busy one batches by itself. Work that fails is repeated with growing pauses.
 */
export function createLane(work: () => Promise<void>, onFailure: (error: unknown) => void): Lane {
  const stopping = new AbortController()
  let wanted = false
  let running: Promise<void> | null = null

  async function run(): Promise<void> {
    // Waits for this tick's other notifications: one network packet can bring many.
    await Promise.resolve()
    for (let failures = 0; wanted && !stopping.signal.aborted; ) {
      wanted = false
      failures = (await succeeds()) ? 0 : failures + 1
      if (failures > 0) await retreat(failures)
    }
    running = null
  }

  async function succeeds(): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      if (!stopping.signal.aborted) onFailure(error)
      return false
    }
  }

  async function retreat(failures: number): Promise<void> {
    wanted = true
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures)
    await pause(longest * (0.5 + Math.random() / 2), null, { signal: stopping.signal }).catch(() => {})
  }

  return {
    wake() {
      wanted = true
      if (!stopping.signal.aborted) running ??= run()
    },
    async stop() {
      stopping.abort()
      await running
    },
  }
}
