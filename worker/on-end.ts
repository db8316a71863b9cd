import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from 'pg'
import { retrying } from '../db/call.ts'
import type { Db } from '../db/client.ts'
import { type Advance, failAttempt, isFinal, peekRun, readEnd, refuseRun, takeOnEnd } from '../db/engine.ts'
import { StepcastError } from '../db/errors.ts'
import { withFields } from '../db/logger.ts'
import type { RunEnd, Tx } from './context.ts'
import { copy } from './copy.ts'
import type { Course } from './course.ts'
import { describeFailure } from './failure.ts'
import { isPassing } from './fault.ts'
import { parseInput } from './input.ts'
import type { StepServices } from './part.ts'
import type { Mask } from './secrets.ts'
import type { RunningStep } from './step.ts'
import { Transaction } from './transaction.ts'
import { LastFailed } from './transaction-errors.ts'
import type { Workflow } from './workflow.ts'

/** onEnd holds the run's row meanwhile: without a limit, nobody could end a run whose onEnd hangs. */
const ON_END_MS = 60_000

/** What the workflow's onEnd threw, as `cause`: the end that it belongs to is not written. */
export class OnEndError extends LastFailed {
  override name = 'OnEndError'
}

export function hasOnEnd({ definition }: Workflow): boolean {
  return definition.onEnd !== undefined
}

/** Runs the workflow's onEnd in the transaction that has just ended the run. Throws OnEndError. */
export async function runOnEnd(db: Db, { workflow, holding, input }: Course): Promise<void> {
  const end = await readEnd(db, holding.run)
  await holding.trace.within(() => callOnEnd(db, workflow, { ...end, input: copy(input), run: holding.info }))
}

async function callOnEnd(db: Db, workflow: Workflow, end: Omit<RunEnd<unknown>, 'tx'>): Promise<void> {
  const done = new AbortController()
  const name = `onEnd of workflow ${workflow.definition.name}`
  let underWay = 0
  const ask = async (...query: Parameters<Tx['query']>) => {
    // By now the connection may belong to somebody else's transaction.
    if (done.signal.aborted) throw new Error(`tx of ${name} is closed: await every statement before it returns`)
    underWay++
    return db.query<never>(...query).finally(() => underWay--)
  }
  const tx: Tx = {
    query: (...query) => {
      const answer = ask(...query)
      // A statement that is not awaited must not end the whole process.
      answer.catch(() => {})
      return answer
    },
  }
  try {
    await Promise.race([workflow.definition.onEnd?.({ ...end, tx }), tooLate(done.signal)])
  } catch (cause) {
    throw new OnEndError(`${name} threw`, underWay > 0, { cause })
  } finally {
    done.abort()
  }
}

/** Rejects after a minute, or when it is no longer wanted. */
async function tooLate(signal: AbortSignal): Promise<never> {
  await sleep(ON_END_MS, undefined, { signal })
  throw new Error(`onEnd took longer than ${ON_END_MS / 1_000} s`)
}

/**
 * Writes a failed attempt. If the run fails with it, writes that end with onEnd; or without it, if onEnd throws or the
 * database refuses what it wrote, because a run must end. Throws SC004 when the attempt is over.
 */
export async function failWithEnd(course: Course, step: RunningStep, thrown: unknown): Promise<Advance> {
  const { services, workflow, holding } = course
  const { id, attempt, step: name } = step.info
  const definition = workflow.definition.steps.find((known) => known.name === name)
  const failure = step.describe(thrown)
  const retryable = !isHopeless(definition?.retry?.unless, thrown)
  const { run, lease } = holding
  const write = (db: Db) => failAttempt(db, { worker: services.id, run, lease, step: id, attempt, failure, retryable })
  const writeAlone = () => holding.inTurn(() => write(services.db))
  if (!hasOnEnd(workflow)) return writeAlone()
  try {
    return await holding.inTurn(() =>
      inTransaction(services, services.failures, run, `the failure of ${step.path}`, async (db) => {
        const advance = await write(db)
        if (isFinal(advance)) await runOnEnd(db, course)
        return advance
      }),
    )
  } catch (error) {
    const isRefused = !isPassing(error) && !(error instanceof StepcastError)
    if (!(error instanceof OnEndError || isRefused)) throw error
    const cause = error instanceof OnEndError ? error.cause : error
    step.logger.error({ reason: step.describe(cause).message }, 'onEnd failed; the run ends without it')
    return writeAlone()
  }
}

function isHopeless(unless: ((error: unknown) => boolean) | undefined, thrown: unknown): boolean {
  try {
    return unless?.(thrown) ?? false
  } catch {
    // If the predicate throws, nothing speaks against another attempt.
    return false
  }
}

/** Fails a run whose input its workflow does not accept, with onEnd. */
export async function refuse(services: StepServices, workflow: Workflow, run: string, error: string): Promise<void> {
  services.logger.info({ run, reason: error }, 'refused')
  if (!(await retrying(() => refuseRun(services.db, run, error)))) return
  services.meter.ended(workflow.definition.name, 'failed')
  await settleEnd(services, workflow, run)
}

/**
 * Runs the onEnd that a run still owes, if any. If it throws, the job is tried again. `mask`: for the secrets known
 * here.
 */
export async function settleEnd(services: StepServices, workflow: Workflow, run: string, mask?: Mask): Promise<void> {
  const peek = await peekRun(services.db, run)
  if (!peek?.onEndPending) return
  // Before the run's row is locked.
  const input = await inputOf(workflow, peek.input)
  try {
    await inTransaction(services, services.pool(0, false), run, 'the end', (db) => payOnEnd(db, workflow, run, input))
  } catch (error) {
    if (error instanceof OnEndError) {
      const { message } = describeFailure(error.cause, mask)
      services.logger.warn({ run, reason: message }, 'onEnd failed; its job is tried again')
    }
    throw error
  }
}

/**
 * The output of the workflow's schema. If the schema does not accept the input, which may be why the run failed, the
 * input as it was given.
 */
async function inputOf({ definition }: Workflow, given: unknown): Promise<unknown> {
  const parsed = definition.input && (await parseInput(definition.input, given))
  return parsed && 'value' in parsed ? parsed.value : given
}

async function payOnEnd(db: Db, workflow: Workflow, run: string, input: unknown): Promise<void> {
  const owed = await takeOnEnd(db, run)
  if (owed) await callOnEnd(db, workflow, { ...owed, input, status: owed.status as RunEnd<unknown>['status'] })
}

async function inTransaction<T>(
  services: StepServices,
  pool: Pool,
  run: string,
  what: string,
  body: (db: Db) => Promise<T>,
): Promise<T> {
  const observers = { logger: withFields(services.logger, { run }), meter: services.meter }
  const tx = new Transaction(pool, observers, `${what} of run ${run}`)
  await tx.open()
  return tx.commit(body, services.db)
}
