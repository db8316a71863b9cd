import { hear } from '../live/hear.ts'
import { beginRuns } from '../live/stepcast.ts'
import type { Stage } from '../stage.ts'
import type { Contender } from './reports.ts'
import type { Made, Pace } from './worker.ts'

const WORKER = new URL('./worker.ts', import.meta.url)

/** Milliseconds between two reports of a step: a thousand steps report more than can be written in that time. */
const BUSY_MS = 10
/** Almost no pause. */
const FLOOD_MS = 1

export interface Stepcast extends Contender {
  /** Handlers that only report. */
  flood(seconds: number): Promise<{ calls: number; persisted: number; callNs: number }>
}

/** Stepcast: the persisted reports are counted in the database. */
export async function beginStepcast(stage: Stage, url: string, runs: number): Promise<Stepcast> {
  const { worker } = await beginRuns(stage, url, runs, WORKER)
  const client = await stage.connect(url)
  const count = async () => Number((await client.query<{ sum: string }>(COUNT)).rows[0]?.sum)
  const report = async (pace: Pace) => {
    const before = await count()
    const began = performance.now()
    const made = hear(worker, isMade)
    worker.send(pace)
    const { calls, callNs } = await made
    const persisted = (await count()) - before
    const taken = (performance.now() - began) / 1_000
    return { persisted: persisted / taken, calls: calls / taken, callNs }
  }
  return {
    name: 'Stepcast',
    persist: async (seconds) => (await report({ every: BUSY_MS, seconds })).persisted,
    flood: (seconds) => report({ every: FLOOD_MS, seconds }),
  }
}

/**
 * Each revision of a run is one committed write; only reports raise it meanwhile. As each run has one step, it is also
 * one version of that step's row. The newest stored revision is counted, not what was announced.
 */
const COUNT = 'select sum(revision) as sum from stepcast.steps'

function isMade(message: unknown): message is Made {
  return typeof message === 'object' && message !== null && 'calls' in message
}
