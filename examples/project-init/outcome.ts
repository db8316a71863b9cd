import type { Ending, Tx } from './context.ts'
import { projectInput } from './input.ts'

/** Sets the project `active`, or `failed` with the reason, in the transaction that ends the run. */
export async function recordOutcome({ status, error, run, input, tx }: Ending): Promise<void> {
  if (status === 'completed') return activate(tx, run.id)
  const project = projectInput.safeParse(input)
  // A run whose input was refused names no project.
  if (project.success) await recordFailure(tx, run.id, project.data.name, error ?? `The run was ${status}.`)
}

async function activate(tx: Tx, run: string): Promise<void> {
  await tx.query(`update projects set status = 'active', reason = null where run_id = $1`, [run])
}

// A run that failed early has no row yet; one that failed because the name is taken must not change the other run's
// row.
async function recordFailure(tx: Tx, run: string, name: string, reason: string): Promise<void> {
  await tx.query(
    `insert into projects (name, run_id, status, reason) values ($1, $2, 'failed', $3)
     on conflict (name) do update set status = 'failed', reason = excluded.reason
       where projects.run_id = excluded.run_id`,
    [name, run, reason],
  )
}
