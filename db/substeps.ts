import { call, callPrepared } from './call.ts'
import type { Db } from './client.ts'
import type { Failure, Leased } from './engine.ts'

export interface SubstepStart {
  id: number
  attempt: number
  /** It was completed in an earlier attempt; `output` is what it gave. */
  completed: boolean
  output: unknown
}

/** Begins a sub-step, or finds it completed. Throws SC005. */
export async function beginSubstep(db: Db, held: Leased, parent: SubstepAttempt, name: string): Promise<SubstepStart> {
  const [row] = await callPrepared<SubstepStart>(
    db,
    'begin_substep',
    'select * from stepcast.begin_substep($1, $2, $3, $4, $5)',
    [held.run, held.lease, parent.id, parent.attempt, name],
  )
  return { ...(row as SubstepStart), id: Number(row?.id) }
}

/** An attempt of a sub-step. */
export type SubstepAttempt = Pick<SubstepStart, 'id' | 'attempt'>

/** Completes a sub-step with its output, as JSON. Throws SC004 if another attempt has begun, and SC005. */
export async function completeSubstep(db: Db, held: Leased, sub: SubstepAttempt, output: string | null): Promise<void> {
  await callPrepared(db, 'complete_substep', 'select stepcast.complete_substep($1, $2, $3, $4, $5)', [
    held.run,
    held.lease,
    sub.id,
    sub.attempt,
    output,
  ])
}

/** A sub-step failed; its step may continue or not. Throws SC004 if another attempt has begun, and SC005. */
export async function failSubstep(db: Db, held: Leased, sub: SubstepAttempt, failure: Failure): Promise<void> {
  await call(db, 'select stepcast.fail_substep($1, $2, $3, $4, $5, $6)', [
    held.run,
    held.lease,
    sub.id,
    sub.attempt,
    failure.message,
    failure.stack,
  ])
}
