import type { Run } from '../../db/contract.ts'
import { StepcastError } from '../../db/errors.ts'
import { cancelRun, deleteRun, findRuns, listWorkflows, readRun, retryRun } from '../../db/runs.ts'
import { subjectOf } from '../access/principal.ts'
import { bodyOf } from '../body.ts'
import { problemOf } from '../failures.ts'
import { noSuchRun, Problem } from '../problem.ts'
import type { Ctx, Service } from '../service.ts'
import { traced } from '../trace.ts'
import { findRun, readFound } from './find-run.ts'
import { InputCheck } from './input.ts'
import { cancelBody, deleteQuery, queryOf, retryBody, startBody } from './requests.ts'
import { noSuchWorkflow } from './workflows.ts'

type Handler = (ctx: Ctx) => Promise<void>

/** `POST /runs` */
export function start(service: Service): Handler {
  const { db, access, starter } = service
  const inputs = new InputCheck(service.logger)
  return async (ctx) => {
    const { principal } = ctx.state
    const { tenant } = principal
    const wanted = bodyOf(ctx, startBody)
    const { workflow, key = null } = wanted
    await access.require(principal, 'run:start', { id: null, workflow, key, tenant, status: null })
    const workflows = await listWorkflows(db)
    const found = workflows.find(({ name }) => name === workflow)
    if (!found) throw await noSuchWorkflow(access, principal, workflows, workflow)
    inputs.check(found, wanted.input)
    const who = { tenant, actor: principal.id }
    const { id, created } = await traced(ctx, workflow, (trace) => starter.start({ ...wanted, ...who, trace }))
    ctx.body = await answerFor(service, ctx, id)
    if (!created) return
    ctx.status = 201
    ctx.set('Location', locationOf(ctx, id))
  }
}

/** `GET` of a run: everything except its logs and its journal. */
export function read(service: Service): Handler {
  return async (ctx) => {
    ctx.body = await readFound(service, ctx, await findRun(service, ctx, 'run:read'))
  }
}

/** `POST …/cancel` */
export function cancel(service: Service): Handler {
  return async (ctx) => {
    const { reason } = bodyOf(ctx, cancelBody)
    const found = await findRun(service, ctx, 'run:cancel')
    await explaining(service, ctx, found.id, (who) => cancelRun(service.db, { ...who, reason }))
    ctx.body = await readFound(service, ctx, found)
  }
}

/** `POST …/retry` */
export function retry(service: Service): Handler {
  return async (ctx) => {
    const { from } = bodyOf(ctx, retryBody)
    const found = await findRun(service, ctx, 'run:retry')
    await explaining(service, ctx, found.id, (who) => retryRun(service.db, { ...who, from }))
    ctx.body = await readFound(service, ctx, found)
  }
}

/** `DELETE` of a run: returns what it was. */
export function remove(service: Service): Handler {
  return async (ctx) => {
    const { reason } = queryOf(ctx, deleteQuery)
    const found = await findRun(service, ctx, 'run:delete')
    const details = await readFound(service, ctx, found)
    await explaining(service, ctx, found.id, (who) => deleteRun(service.db, { ...who, reason }))
    ctx.body = details
  }
}

type Who = { tenant: string; actor: string; run: string }

/** If the run's state does not allow it, the response says which state that is. */
async function explaining(service: Service, ctx: Ctx, run: string, work: (who: Who) => Promise<void>): Promise<void> {
  const { id: actor, tenant } = ctx.state.principal
  try {
    await work({ tenant, actor, run })
  } catch (error) {
    if (!(error instanceof StepcastError) || error.code !== 'SC004') throw error
    const { status, members } = problemOf(error)
    const now = await readRun(service.db, { tenant, run })
    throw new Problem(status, {
      ...members,
      run: now && { id: run, status: now.run.status, progress: now.run.progress },
    })
  }
}

/**
 * The run that was started, or the one that the key had. A caller who may not read it gets its id, which the key gives
 * away already.
 */
async function answerFor(service: Service, ctx: Ctx, id: string): Promise<{ run: Pick<Run, 'id'> }> {
  const { principal } = ctx.state
  const [run] = await findRuns(service.db, [{ tenant: principal.tenant, run: id }])
  if (!run) throw noSuchRun()
  const view = await service.access.viewOf(principal, subjectOf(run, principal))
  return view ? await readFound(service, ctx, { id, view }) : { run: { id } }
}

/** Relative to the request's own URL, of which a proxy in front may have taken away the beginning. */
function locationOf({ path }: Ctx, id: string): string {
  return path.endsWith('/') ? id : `runs/${id}`
}
