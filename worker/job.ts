import { setTimeout as sleep } from 'node:timers/promises'
import { retrying } from '../db/call.ts'
import type { JsonObject } from '../db/contract.ts'
import {
  type Advance,
  admitRun,
  type Claim,
  type Failure,
  peekRun,
  postponeRun,
  readResults,
  releaseRun,
  settleClaim,
} from '../db/engine.ts'
import { Drive } from './drive.ts'
import { describeFailure } from './failure.ts'
import { insist, isFenced, isHeld } from './fault.ts'
import { Holding } from './holding.ts'
import { parseInput } from './input.ts'
import type { JobOutcome } from './meter.ts'
import { hasOnEnd, refuse, settleEnd } from './on-end.ts'
import type { StepServices } from './part.ts'
import { reach } from './points.ts'
import { Results } from './results.ts'
import type { Mask } from './secrets.ts'
import { Trace } from './trace.ts'
import type { Workflow } from './workflow.ts'

/** How long until a run is offered again that somebody holds, or a suspect that may not run beside another suspect. */
const LATER_MS = 1_000
/**
 * Most locks on a run are held for a moment: a claim tries this many times, with this pause between, before the run is
 * offered again later.
 */
const HELD_LOOKS = 5
const HELD_MS = 20
/** Pause before another try to give a run back, if the database did not answer. */
const RELEASE_RETRY_MS = 1_000

export interface WorkerServices extends StepServices {
  /** The runs that this process drives. */
  holdings: Set<Holding>
  /** The worker takes nothing new: a job that it fetches all the same is left for another worker. */
  stopping: boolean
}

/** The work of a Graphile job: claims a run and drives it as far as possible, or finds that there is nothing to do. */
export async function doJob(services: WorkerServices, workflow: Workflow, run: string): Promise<void> {
  let outcome: JobOutcome = 'failed'
  try {
    outcome = await tryJob(services, workflow, run)
  } finally {
    services.meter.didJob(workflow.definition.name, outcome)
  }
}

async function tryJob(services: WorkerServices, workflow: Workflow, run: string): Promise<JobOutcome> {
  reach('fetched', run)
  if (services.stopping) throw new Error('the worker is stopping; another one takes the job')
  const input = await checkInput(services, workflow, run)
  if (input === null) return 'idle'
  const claimed = await claim(services, workflow, run)
  let mask: Mask | undefined
  if (claimed?.claim) {
    mask = await driveClaimed(services, workflow, claimed, input.given ? input.value : claimed.claim.input)
  }
  // Whoever ended the run. If onEnd throws, the job is tried again; if there is none, nothing is owed.
  const mayOwe = claimed && (hasOnEnd(workflow) || claimed.outcome === 'owed')
  if (mayOwe && !services.stopping) await settleEnd(services, workflow, run, mask)
  reach('before job completion', run)
  return claimed ? 'driven' : 'idle'
}

type Input = { given: true; value: unknown } | { given: false }

/** The output of the workflow's schema; null: the run has no valid input to drive it with, and that is settled. */
async function checkInput(services: WorkerServices, workflow: Workflow, run: string): Promise<Input | null> {
  if (!workflow.definition.input) return { given: false }
  const peek = await peekRun(services.db, run)
  if (!peek) return null
  if (!['pending', 'running'].includes(peek.status)) return { given: false }
  const input = await parseInput(workflow.definition.input, peek.input)
  if (!('error' in input)) return { given: true, value: input.value }
  if (!isDriving(services, run)) await refuse(services, workflow, run, input.error)
  return null
}

/** Graphile considers a job that is four hours old lost and gives it out again, also to the worker that has it. */
function isDriving({ holdings }: WorkerServices, run: string): boolean {
  return [...holdings].some((holding) => holding.run === run && holding.stopped === null)
}

/** null: there is nothing to drive, now or here. */
async function claim(services: WorkerServices, workflow: Workflow, run: string): Promise<Advance | null> {
  const { advancer, db, id, logger } = services
  for (let looks = 1; ; ) {
    const answer = await advancer
      .advance({ run, lease: null, ending: null, settles: !hasOnEnd(workflow) })
      .catch(heldUp)
    if (answer.outcome === 'done' || answer.outcome === 'owed') return answer
    const { outcome } = answer
    if (outcome === 'waiting' && (await retrying(() => admitRun(db, run)))) continue
    if (outcome === 'taken' && !isDriving(services, run)) {
      const now = await retrying(() => settleClaim(db, run, id))
      if (now === 'taken over') services.meter.tookOver(1)
      if (now === 'free') continue
    }
    if (outcome === 'locked' && looks++ < HELD_LOOKS) {
      await sleep(HELD_MS)
      continue
    }
    if (outcome === 'crowded' || outcome === 'locked') await postponeRun(db, run, LATER_MS)
    logger.debug({ run, outcome }, 'nothing to claim')
    return null
  }
}

/** The outcome of a claim that met a step that somebody holds. */
function heldUp(error: unknown): { outcome: 'locked' } {
  if (isHeld(error)) return { outcome: 'locked' }
  throw error
}

/** Resolves with the mask for the secrets of its handlers. */
async function driveClaimed(
  services: WorkerServices,
  workflow: Workflow,
  claimed: Advance,
  input: unknown,
): Promise<Mask | undefined> {
  const { run, results, trace: started } = claimed.claim as Claim
  const trace = Trace.ofRun(run, started, services.name)
  const holding = new Holding(run, claimed.lease, trace)
  // The worker may have been stopped during the claim: this run is handed over, or taken over, with the others.
  if (services.stopping) holding.stop('the worker is stopping')
  services.holdings.add(holding)
  services.meter.drives(1)
  reach('claimed', run.id)
  try {
    await new Drive({
      services,
      workflow,
      holding,
      input,
      results: resultsOf(services, workflow, run.id, results),
      unfinished: claimed.unfinished,
    }).run(claimed)
  } catch (error) {
    const failure = describeFailure(error, holding.secrets.mask)
    trace.fail(error, failure)
    await giveUp(services, holding, error, failure)
  } finally {
    services.holdings.delete(holding)
    services.meter.drives(-1)
    trace.end()
  }
  return holding.secrets.mask
}

function resultsOf({ db }: WorkerServices, { definition }: Workflow, run: string, claimed: JsonObject): Results {
  const order = definition.steps.map(({ name }) => name)
  return new Results(order, claimed, (steps) => insist(() => readResults(db, run, steps)))
}

/** After a stale lease there is nothing to write. After a fault the run is given back, so that it resumes at once. */
async function giveUp(services: WorkerServices, holding: Holding, error: unknown, failure: Failure): Promise<void> {
  const { run, lease } = holding
  const { workflow } = holding.info
  if (isFenced(error)) services.meter.fenced()
  if (isFenced(error) || services.stopping) {
    services.logger.info({ run, lease }, 'stopped: the run is not ours any more')
    return
  }
  services.logger.warn({ run, lease, err: error }, 'a fault below the handlers: the run is given back')
  const reason = `given back by its worker: ${failure.message}`
  const release = () => retrying(() => releaseRun(services.db, { worker: services.id, run, lease, reason }))
  // If the database does not answer, the job fails too, and other workers will find the run.
  if (await release().catch(() => sleep(RELEASE_RETRY_MS).then(release))) services.meter.ended(workflow, 'failed')
}
