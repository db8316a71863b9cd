import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { retrying } from '../db/call.ts'
import type { JsonObject } from '../db/contract.ts'
import { type Advance, advanceRun, type Claim, claimRun, peekRun, type StepInfo } from '../db/engine.ts'
import { breakWithEnd, OnEndError, refuse, runOnEnd, settleEnd } from './end.ts'
import { describeFailure } from './failure.ts'
import { isFenced, isPassing } from './fault.ts'
import { Holding } from './holding.ts'
import { serialize } from './output.ts'
import { RunningStep, type StepServices } from './step.ts'
import type { StepDefinition, Workflow } from './workflow.ts'

/** How long a handler may go on after its signal; then it is left behind, and nothing of it is written. */
const ABANDON_MS = 1_000

export interface WorkerServices extends StepServices {
  id: number
  /** The runs that this process drives. */
  holdings: Set<Holding>
  /** It takes nothing new: a job that is fetched all the same is left for another worker. */
  stopping: boolean
}

/** What a Graphile job does: claims a run and drives it to its end, or finds that there is nothing to do. */
export async function driveRun(services: WorkerServices, workflow: Workflow, run: string): Promise<void> {
  const { db, logger } = services
  if (services.stopping) throw new Error('the worker is stopping; another one takes the job')
  const peek = await peekRun(db, run)
  if (peek?.onEndPending) return settleEnd(services, workflow, run)
  if (!peek || !['pending', 'running'].includes(peek.status) || isDriving(services, run, peek.lease)) return
  const input = await parseInput(workflow, peek.input)
  if ('error' in input) return refuse(services, workflow, run, input.error)
  const claim = await retrying(() => claimRun(db, run, services.id))
  if (!claim) return logger.debug({ run }, 'nothing to claim')
  if (claim.ended) return settleEnd(services, workflow, run)
  await hold(services, claim, (holding) =>
    runSteps({ services, workflow, holding, input: input.value, results: { ...claim.results } }, claim.step),
  )
}

/** Graphile takes a job that is four hours old for lost and gives it again, to its own worker too. */
function isDriving({ holdings }: WorkerServices, run: string, lease: number): boolean {
  return [...holdings].some((holding) => holding.run === run && holding.lease === lease && !holding.signal.aborted)
}

async function parseInput(workflow: Workflow, input: unknown): Promise<{ value: unknown } | { error: string }> {
  try {
    const parsed = await workflow.definition.input?.safeParseAsync(input)
    if (!parsed) return { value: input }
    if (parsed.success) return { value: parsed.data }
    return { error: `The input is not valid: ${z.prettifyError(parsed.error)}` }
  } catch (error) {
    return { error: `The input could not be checked: ${describeFailure(error).message}` }
  }
}

async function hold(services: WorkerServices, claim: Claim, drive: (holding: Holding) => Promise<void>): Promise<void> {
  const holding = new Holding(claim.run, claim.lease)
  services.holdings.add(holding)
  try {
    await drive(holding)
  } catch (error) {
    const fenced = isFenced(error) || holding.signal.aborted
    holding.stop('the run goes on elsewhere')
    if (!fenced) throw error
    services.logger.info({ run: holding.run, lease: holding.lease }, 'stopped: the run is not ours any more')
  } finally {
    // Left open by a handler that goes on after its signal, or that did not wait for a sub-step of its own.
    await Promise.all([...holding.transactions].map((transaction) => transaction.abandon()))
    services.holdings.delete(holding)
  }
}

/** What stays the same from step to step of a run. */
interface Drive {
  services: WorkerServices
  workflow: Workflow
  holding: Holding
  input: unknown
  results: JsonObject
}

async function runSteps(drive: Drive, first: StepInfo | null): Promise<void> {
  for (let step = first; step; ) step = (await runStep(drive, step))?.step ?? null
}

/** Runs one step and writes how it ended; null: the run ended with it, or is not ours any more. */
async function runStep(drive: Drive, info: StepInfo): Promise<Advance | null> {
  const { services, workflow, holding } = drive
  const definition = definitionOf(workflow, info.step)
  const step = new RunningStep(services, holding, info)
  try {
    const output = await callHandler(drive, definition, step)
    const advance = await complete(drive, info, step, output)
    if (output !== null) drive.results[info.step] = JSON.parse(output)
    return advance
  } catch (error) {
    const thrown = error instanceof HandlerError || error instanceof OnEndError ? error.cause : error
    if (thrown === error && isPassing(error)) {
      await step.tx.rollback()
      if (!(await undidItself(drive, error))) throw error
    }
    await step.fail(thrown, (failure) => breakWithEnd(drive, info, failure))
    return null
  }
}

/** The lease was refused inside the step's transaction, and is good again after its rollback: the step ended its own run. */
async function undidItself({ services, holding }: Drive, error: unknown): Promise<boolean> {
  if (!isFenced(error) || holding.signal.aborted) return false
  const now = await peekRun(services.db, holding.run)
  return now?.status === 'running' && now.lease === holding.lease
}

function definitionOf(workflow: Workflow, name: string): StepDefinition {
  const { definition } = workflow
  const found = definition.steps.find((step) => step.name === name)
  if (!found) throw new Error(`workflow ${definition.name} has no step ${name}, though its version says so`)
  return found
}

/** Whatever a handler throws is its step's failure, even if it looks like a fault of the database. */
class HandlerError extends Error {}

async function callHandler(drive: Drive, definition: StepDefinition, step: RunningStep): Promise<string | null> {
  try {
    const context = Object.assign(step, { input: drive.input, results: drive.results })
    const output = await untilAbandoned(drive.holding.signal, definition.handler(context))
    return serialize(output, `step ${definition.name}`)
  } catch (cause) {
    throw drive.holding.fault ?? new HandlerError('the handler threw', { cause })
  }
}

/** A handler's result, or an error a second after its signal: it may go on, but nobody waits for it. */
async function untilAbandoned<T>(signal: AbortSignal, handler: T | Promise<T>): Promise<T> {
  const done = new AbortController()
  const abandoned = async (): Promise<never> => {
    if (!signal.aborted) await once(signal, 'abort', { signal: done.signal })
    await sleep(ABANDON_MS, undefined, { signal: done.signal })
    throw signal.reason
  }
  try {
    return await Promise.race([handler, abandoned()])
  } finally {
    done.abort()
  }
}

function complete(drive: Drive, info: StepInfo, step: RunningStep, output: string | null): Promise<Advance> {
  const settles = drive.workflow.definition.onEnd !== undefined
  return step.complete(async (db) => {
    const advance = await advanceRun(db, drive.holding, info.id, output, true)
    if (advance.ended)
      await runOnEnd(db, drive.workflow, { ...drive, run: drive.holding.info, status: 'completed', error: null })
    return advance
  }, settles)
}
