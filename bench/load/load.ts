import { setTimeout as sleep } from 'node:timers/promises'
import type { Stage } from '../stage.ts'

/** Runs at the same time, in one worker process; starts at the same time, from the benchmark's own. */
export const AT_ONCE = 50
export const STEPS = ['one', 'two', 'three', 'four', 'five', 'six'] as const

/** Something that drives runs of six steps. */
export interface Contender {
  name: string
  /** Starts its worker on an empty store of its own. Throws PeerMissing. */
  begin(stage: Stage): Promise<Session>
}

export interface Session {
  /** Starts a run; resolves once that is kept. */
  start(): Promise<unknown>
  /** Whether some run has not ended. */
  isBusy(): Promise<boolean>
  /** How many runs have completed since it was begun. */
  countCompleted(): Promise<number>
  /** Ends the worker. */
  end(): Promise<void>
}

const POLL_MS = 10
const FIRST_RUNS = 100
const WARM_UP_S = 2

/** Runs a second of a session that was just begun: about so many seconds of them, after two to warm up. */
export async function measureRate(session: Session, seconds: number): Promise<number> {
  const cold = await drive(session, FIRST_RUNS)
  const warm = await drive(session, Math.ceil(cold * WARM_UP_S))
  return drive(session, Math.ceil(warm * seconds))
}

/** Starts so many runs and waits for the last of them to end; answers with runs a second. */
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
