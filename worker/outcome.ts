import { type Advance, resumeRun } from '../db/engine.ts'
import type { Part } from './part.ts'

/** The state of an attempt in the database, once any write about it is done. */
export function whatIs({ services, holding, info }: Pick<Part, 'services' | 'holding' | 'info'>): Promise<Advance> {
  const said = { worker: services.id, run: holding.run, lease: holding.lease, step: info.id, attempt: info.attempt }
  return resumeRun(services.db, said)
}
