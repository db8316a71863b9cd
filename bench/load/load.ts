import { setTimeout as sleep } from 'node:timers/promises'
import type { Stage } from '../stage.ts'

/**
 * How many runs are in progress at the same time, in one worker process, and how many are started at the same time,
 * from the benchmark's process.
 */
export const AT_ONCE = 50
export const STEPS = ['one', 'two', 'three', 'four', 'five', 'six'] as const

/** Something that drives runs of six steps. */
export interface Contender {
  name: string
  /** Starts its worker on its own empty store. Throws PeerMissing. */
  begin(stage: Stage): Promise<Session>
}

export interface Session {
  /** Starts a run; resolves once it is stored. */
  start(): Promise<unknown>
  /** Whether some run has not ended. */
  isBusy(): Promise<boolean>
  /** How many runs have completed since the session began. */
  countCompleted(): Promise<number>
  /** Ends the worker. */
  end(): Promise<void>
}

const POLL_MS = 10
const FIRST_RUNS = 100
const WARM_UP_S = 2

/** The rate of a new session in runs per second, measured for about `seconds`, after two seconds of warm-up. */
export async function measureRate(session: Session, seconds: number): Promise<number> {
  const cold = await drive(session, FIRST_RUNS)
  const warm = await drive(session, Math.ceil(cold * WARM_UP_S))
  return drive(session, Math.ceil(warm * seconds))
}

/** Starts `count` runs and waits until all have ended; returns runs per second. */
export async function drive(session: Session, count: number): Promise<number> {
  const before = await session.countCompleted()
  const began = performance.now()
  let left = count
  const starter = async () => {
    while (left-- > 0) await session.start()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, starter))
  while (await session.isBusy()) await sleep(POLL_MS)
  const seconds = (performance.now() - began) / 1_000
  const completed = (await session.countCompleted()) - before
  if (completed !== count) throw new Error(`${completed} of ${count} runs completed`)
  return count / seconds
}
