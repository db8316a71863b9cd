import type { Db } from '../../db/client.ts'
import { advanceRuns } from '../../db/engine.ts'

/** A run in a worker's hands, and the first of its steps that began. */
export interface Claimed {
  run: string
  lease: number
  step: { id: number; step: string; attempt: number }
}

/** Claims a run as a worker does, alone in its batch. Throws where that is not `done`. */
export async function claim(db: Db, run: string, worker: number): Promise<Claimed> {
  const [answer] = await advanceRuns(db, worker, [{ run, lease: null, ending: null, settles: true }], true)
  const step = answer?.began[0]
  if (answer?.outcome !== 'done' || !step) throw new Error(`the claim came to ${answer?.outcome}`)
  return { run, lease: answer.lease, step }
}
