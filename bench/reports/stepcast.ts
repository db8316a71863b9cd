import { hear } from '../live/hear.ts'
import { beginRuns } from '../live/stepcast.ts'
import type { Stage } from '../stage.ts'
import type { Contender } from './reports.ts'

const WORKER = new URL('./worker.ts', import.meta.url)

/** A worker's own count of a flood. */
interface Made {
  calls: number
  callsMs: number
}

/** Ours: what was persisted is counted in the database. */
export async function beginStepcast(stage: Stage, url: string, runs: number): Promise<Contender> {
  const { worker } = await beginRuns(stage, url, runs, WORKER)
  const client = await stage.connect(url)
  const count = async () => Number((await client.query<{ sum: string }>(COUNT)).rows[0]?.sum)
  const flood = async (seconds: number) => {
    const before = await count()
    const began = performance.now()
    const made = hear(worker, isMade)
    worker.send(seconds)
    const { calls, callsMs } = await made
    const persisted = (await count()) - before
    const taken = (performance.now() - began) / 1_000
    return { persisted: persisted / taken, calls: calls / taken, callNs: (callsMs / calls) * 1e6 }
  }
  return { name: 'Stepcast', flood }
}

/**
 * A revision of a run is one write that is committed; nothing but reports raises it meanwhile. As each run has one step,
 * it is one version of that step's row. The newest that is kept is counted, not what was announced.
 */
const COUNT = 'select sum(revision) as sum from stepcast.steps'

function isMade(message: unknown): message is Made {
  return typeof message === 'object' && message !== null && 'calls' in message
}
