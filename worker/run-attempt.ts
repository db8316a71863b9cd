import { type Advance, advanceRuns, type Ending, isFinal } from '../db/engine.ts'
import { StepcastError } from '../db/errors.ts'
import type { Course } from './course.ts'
import { insist, isPassing } from './fault.ts'
import { HandlerError, handle } from './handle.ts'
import { failWithEnd, hasOnEnd, OnEndError, runOnEnd } from './on-end.ts'
import { whatIs } from './outcome.ts'
import { reach } from './points.ts'
import type { RunningStep } from './step.ts'
import { InDoubt } from './transaction-errors.ts'

/** The database did not accept the end of an attempt: `fenced` or `over`. */
class Refused extends Error {
  readonly advance: Advance

  constructor(advance: Advance, step: RunningStep) {
    super(
      `lease ${step.holding.lease} of run ${step.holding.run} is stale: the step ended its own attempt in its own tx`,
    )
    this.advance = advance
  }
}

/**
 * Runs an attempt of a step and writes how it ended, together with its effects. Resolves with the outcome; null:
 * somebody else ends the attempt, look again. Rejects with a fault, which is not the step's failure.
 */
export async function runAttempt(course: Course, step: RunningStep): Promise<Advance | null> {
  try {
    const ending = await handle(course, step)
    reach('returned', step.holding.run, step.path)
    if (ending.status === 'completed') step.leave()
    step.stepAttempt.ending = true
    await step.settle()
    // The handler may have returned, or skipped, because of its signal: it is too late all the same.
    if (step.signal.aborted) throw step.signal.reason
    return await end(course, step, ending)
  } catch (error) {
    return fail(course, step, error)
  }
}

async function end(course: Course, step: RunningStep, ending: Ending): Promise<Advance | null> {
  const { workflow, holding } = course
  // The end of what may be the last step is written together with the run's end.
  if (hasOnEnd(workflow) && mayEndRun(course)) await step.tx.open()
  const advance = await (step.tx.wasOpened ? commit(course, step, ending) : say(course, step, ending))
  reach('committed', holding.run, step.path)
  if (advance.outcome === 'done') step.outcome = ending.status
  if (advance.outcome === 'over') return null
  return advance
}

/**
 * Whether the run may end with the end of a step. Where steps run at the same time, another one may end meanwhile; and
 * a skipped step may skip all that are left.
 */
function mayEndRun({ workflow, unfinished }: Course): boolean {
  return unfinished <= 1 || workflow.definition.steps.some(({ needs, whenSkipped }) => needs || whenSkipped === 'skip')
}

/**
 * Ends an attempt that has no effects of its own in the database; writes it again if it is unknown whether that
 * succeeded.
 */
async function say(course: Course, step: RunningStep, ending: Ending): Promise<Advance> {
  const { services, workflow, holding } = course
  const move = { run: holding.run, lease: holding.lease, ending, settles: !hasOnEnd(workflow) }
  // A statement that its handler did not await could no longer be written with it.
  step.tx.close()
  try {
    return hear(course, step, ending, await services.advancer.advance(move))
  } catch (error) {
    if (!isPassing(error) || step.holding.stopped !== null) throw error
    const now = await insist(() => whatIs(step))
    return now.outcome === 'done' ? services.advancer.advance(move) : resumed(now)
  }
}

/** Commits the effects of an attempt with its end, and with the run's end if it is that. */
async function commit(course: Course, step: RunningStep, ending: Ending): Promise<Advance> {
  const { services, holding } = course
  const move = { run: holding.run, lease: holding.lease, ending, settles: true }
  step.tx.beforeCommit = () => reach('before commit', holding.run, step.path)
  try {
    const advance = await step.tx.commit(async (db) => {
      const [advance] = (await advanceRuns(db, services.id, [move], true)) as [Advance]
      if (advance.outcome !== 'done') throw new Refused(advance, step)
      if (isFinal(advance)) await runOnEnd(db, course)
      return advance
    }, services.db)
    return hear(course, step, ending, advance)
  } catch (error) {
    if (!(error instanceof InDoubt)) throw error
    const now = await insist(() => whatIs(step))
    // Not written: the effects are rolled back, and the run is given back to be tried again.
    if (now.outcome === 'done') throw error
    return resumed(now)
  }
}

/** The end was written as requested: its output is the step's result. */
function hear(course: Course, step: RunningStep, ending: Ending, advance: Advance): Advance {
  if (advance.outcome !== 'done') return advance
  course.results.hear({ step: step.info.step, status: ending.status, output: JSON.parse(ending.output ?? 'null') })
  return advance
}

/** The attempt did end, by our write or by somebody else's: its result is in its row. */
function resumed(now: Advance): Advance {
  return { ...now, outcome: now.outcome === 'over' ? 'done' : now.outcome }
}

async function fail(course: Course, step: RunningStep, error: unknown): Promise<Advance | null> {
  const attempt = step.stepAttempt
  if (attempt.isDropped) {
    await attempt.abandon()
    return null
  }
  // What it threw is the reason, though its time may run out before everything is rolled back.
  const isLate = attempt.hasTimedOut
  if (isLate) await attempt.abandon()
  else await step.tx.rollback()
  if (error instanceof Refused) {
    const now = await insist(() => whatIs(step))
    if (now.outcome === 'over') return null
    if (now.outcome === 'fenced') return now
  } else if (isFault(step, error)) {
    step.outcome = 'fault'
    throw step.stepAttempt.fault ?? error
  }
  attempt.ending = true
  await step.settle()
  const thrown = isLate ? attempt.signal.reason : unwrap(error)
  try {
    const advance = await failWithEnd(course, step, thrown)
    if (advance.outcome === 'done') step.fail(thrown)
    reach('failed', step.holding.run, step.path)
    return advance
  } catch (late) {
    if (late instanceof StepcastError && late.code === 'SC004') return null
    throw late
  }
}

/** Whether this is not the step's own failure, but one below its handler, or of the connection of its transaction. */
function isFault({ stepAttempt }: RunningStep, error: unknown): boolean {
  if (stepAttempt.hasTimedOut) return false
  if (stepAttempt.fault !== null || error instanceof InDoubt) return true
  return !(error instanceof HandlerError || error instanceof OnEndError) && isPassing(error)
}

function unwrap(error: unknown): unknown {
  return error instanceof HandlerError || error instanceof OnEndError ? error.cause : error
}
