import { retrying } from '../db/call.ts'
import { beginSubstep, completeSubstep, failSubstep, type SubstepAttempt } from '../db/substeps.ts'
import { checkFunction, checkName } from './check-option.ts'
import type { SubstepContext } from './context.ts'
import { whatIs } from './outcome.ts'
import { serialize } from './output.ts'
import type { Part } from './part.ts'
import { reach } from './points.ts'
import { Skipped } from './skip.ts'
import { InDoubt } from './transaction-errors.ts'

/** Runs a part of a step once: if it was completed before, the result comes from its row. */
export async function runSubstep<Output>(
  step: Part,
  name: string,
  fn: (sub: SubstepContext) => Promise<Output> | Output,
): Promise<Output> {
  const { services, holding, info } = step
  checkName(`the name of a sub-step of step ${step.path}`, name)
  checkFunction(`what sub-step ${name} of step ${step.path} does`, fn)
  step.signal.throwIfAborted()
  const begun = await step.rememberingFault(holding.inTurn(() => beginSubstep(services.db, holding, info, name)))
  if (begun.completed) return begun.output as Output
  const sub = step.part({ ...begun, step: name })
  const unblock = step.tx.block(name)
  try {
    const value = await sub.trace.within(() => fn(sub.context))
    sub.leave()
    const output = serialize(value, `the result of sub-step ${sub.path}`, holding.secrets.mask)
    await step.rememberingFault(complete(sub, begun, output))
    return JSON.parse(output ?? 'null') as Output
  } catch (error) {
    if (!(error instanceof Skipped)) sub.trace.fail(error, sub.describe(error))
    await fail(sub, begun, error)
    throw error
  } finally {
    unblock()
    sub.trace.end()
  }
}

/** Writes the sub-step's end together with its effects. */
async function complete(sub: Part, begun: SubstepAttempt, output: string | null): Promise<void> {
  const { services, holding } = sub
  await sub.settle()
  sub.signal.throwIfAborted()
  sub.tx.beforeCommit = () => reach('before sub-step commit', holding.run, sub.path)
  try {
    const write = () => sub.tx.commit((db) => completeSubstep(db, holding, begun, output), services.db)
    await (sub.tx.wasOpened ? write() : holding.inTurn(write))
  } catch (error) {
    if (!(error instanceof InDoubt) || !(await wasWritten(sub))) throw error
  }
  reach('sub-step committed', holding.run, sub.path)
}

/** Whether a transaction whose answer was lost was committed, under a lease that is still ours. */
async function wasWritten(sub: Part): Promise<boolean> {
  const { outcome, lease } = await retrying(() => whatIs(sub))
  return outcome === 'over' && lease === sub.holding.lease
}

async function fail(sub: Part, begun: SubstepAttempt, error: unknown): Promise<void> {
  const { services, holding } = sub
  // After a fault its state is unknown: the step is tried again as a whole.
  if (sub.stepAttempt.fault || sub.signal.aborted) return sub.tx.abandon()
  await sub.tx.rollback()
  if (sub.stepAttempt.fault) return
  await sub.settle()
  // Skipping the step skips what is running in it.
  if (error instanceof Skipped) return
  await sub.rememberingFault(holding.inTurn(() => failSubstep(services.db, holding, begun, sub.describe(error))))
}
