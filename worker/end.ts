import { retrying } from '../db/call.ts'
import type { Db } from '../db/client.ts'
import { breakRun, type Failure, type RunInfo, refuseRun, type StepInfo, takeOnEnd } from '../db/engine.ts'
import type { RunEnd } from './context.ts'
import { describeFailure } from './failure.ts'
import type { Holding } from './holding.ts'
import type { StepServices } from './step.ts'
import { RolledBack, Transaction } from './transaction.ts'
import type { Workflow } from './workflow.ts'

/** What the workflow's onEnd threw, as `cause`: the end that it belongs to is not written. */
export class OnEndError extends Error {
  override name = 'OnEndError'
}

/** Runs the workflow's onEnd, if it has one, in the transaction that ends the run. Throws OnEndError. */
export async function runOnEnd(db: Db, workflow: Workflow, end: Omit<RunEnd<unknown>, 'tx'>): Promise<void> {
  const { input, run, status, error } = end
  try {
    await workflow.definition.onEnd?.({ input, run, status, error, tx: { query: (...query) => db.query(...query) } })
  } catch (cause) {
    throw new OnEndError(`onEnd of workflow ${workflow.definition.name} threw`, { cause })
  }
}

interface Broken {
  services: StepServices
  workflow: Workflow
  holding: Holding
  input: unknown
}

/** Writes a step's failure as the run's, with onEnd; without it where onEnd throws, because a run must end. */
export async function breakWithEnd(broken: Broken, step: StepInfo, failure: Failure): Promise<void> {
  const { services, workflow, holding, input } = broken
  await endOrEndBare(services, {
    end: (db) => breakRun(db, holding, step.id, failure),
    onEnd: (db) => runOnEnd(db, workflow, { input, run: holding.info, status: 'failed', error: failure.message }),
    run: holding.info,
  })
}

/** Fails a run, with onEnd, whose input its workflow does not accept. */
export async function refuse(services: StepServices, workflow: Workflow, run: string, error: string): Promise<void> {
  services.logger.info({ run, error }, 'refused')
  await inTransaction(services, `the refusal of run ${run}`, async (db) => {
    if (await refuseRun(db, run, error)) await payOnEnd(db, workflow, run)
  })
}

interface Ending {
  end: (db: Db) => Promise<void>
  onEnd: (db: Db) => Promise<void>
  run: RunInfo
}

async function endOrEndBare(services: StepServices, { end, onEnd, run }: Ending): Promise<void> {
  try {
    await inTransaction(services, `the end of run ${run.id}`, async (db) => {
      await end(db)
      await onEnd(db)
    })
  } catch (error) {
    if (!(error instanceof OnEndError || error instanceof RolledBack)) throw error
    services.logger.error({ run: run.id, ...describeFailure(error) }, 'onEnd threw; the run ends without it')
    await retrying(() => end(services.db))
  }
}

/** Runs the onEnd that a run owes because somebody else ended it; the job is tried again where it throws. */
export async function settleEnd(services: StepServices, workflow: Workflow, run: string): Promise<void> {
  await inTransaction(services, `the end of run ${run}`, (db) => payOnEnd(db, workflow, run))
}

async function payOnEnd(db: Db, workflow: Workflow, run: string): Promise<void> {
  const owed = await takeOnEnd(db, run)
  if (owed) await runOnEnd(db, workflow, { ...owed, status: owed.status as RunEnd<unknown>['status'] })
}

async function inTransaction(services: StepServices, owner: string, body: (db: Db) => Promise<void>): Promise<void> {
  const tx = new Transaction(services.pool, services.logger, owner)
  await tx.open()
  await tx.commit(body, services.db)
}
