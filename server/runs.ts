import { StepcastError } from '../db/errors.ts'
import { cancelRun, deleteRun, listRuns, listWorkflows, readRun, retryRun } from '../db/runs.ts'
import { subjectOf } from './access.ts'
import { bodyOf } from './body.ts'
import { problemOf } from './failures.ts'
import { findRun } from './find-run.ts'
import { findWorkflow, InputCheck } from './input.ts'
import { noSuchRun, Problem } from './problem.ts'
import { cancelBody, deleteQuery, listQuery, queryOf, retryBody, startBody } from './requests.ts'
import type { Ctx, Service } from './service.ts'
import { traced } from './trace.ts'

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
    inputs.check(findWorkflow(await listWorkflows(db), workflow), wanted.input)
    const who = { tenant, actor: principal.id }
    const { id, created } = await traced(ctx, workflow, (trace) => starter.start({ ...wanted, ...who, trace }))
    await answerWith(service, ctx, id)
    if (!created) return
    ctx.status = 201
    ctx.set('Location', `${pathOf(ctx.originalUrl)}/${id}`)
  }
}

/** `GET /runs` */
export function list({ readDb, access }: Service): Handler {
  return async (ctx) => {
    const { principal } = ctx.state
    const { runs, next } = await listRuns(readDb, { ...queryOf(ctx, listQuery), tenant: principal.tenant })
    const allowed = await Promise.all(
      runs.map((run) => access.allows(principal, 'run:read', subjectOf(run, principal))),
    )
    ctx.body = { runs: runs.filter((_, index) => allowed[index]), next }
  }
}

/** `GET` of a run: everything but its logs and its journal. */
export function read(service: Service): Handler {
  return async (ctx) => {
    ctx.body = await findRun(service, ctx, 'run:read')
  }
}

/** `POST …/cancel` */
export function cancel(service: Service): Handler {
  return async (ctx) => {
    const { reason } = bodyOf(ctx, cancelBody)
    const { run } = await findRun(service, ctx, 'run:cancel')
    await explaining(service, ctx, run.id, (who) => cancelRun(service.db, { ...who, reason }))
    await answerWith(service, ctx, run.id)
  }
}

/** `POST …/retry` */
export function retry(service: Service): Handler {
  return async (ctx) => {
    const { from } = bodyOf(ctx, retryBody)
    const { run } = await findRun(service, ctx, 'run:retry')
    await explaining(service, ctx, run.id, (who) => retryRun(service.db, { ...who, from }))
    await answerWith(service, ctx, run.id)
  }
}

/** `DELETE` of a run: answers with what it was. */
export function remove(service: Service): Handler {
  return async (ctx) => {
    const { reason } = queryOf(ctx, deleteQuery)
    const details = await findRun(service, ctx, 'run:delete')
    await explaining(service, ctx, details.run.id, (who) => deleteRun(service.db, { ...who, reason }))
    ctx.body = details
  }
}

type Who = { tenant: string; actor: string; run: string }

/** What the run's state does not allow is answered with that state. */
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

async function answerWith({ db, access }: Service, ctx: Ctx, run: string): Promise<void> {
  const { principal } = ctx.state
  const details = await readRun(db, { tenant: principal.tenant, run })
  if (!details) throw noSuchRun()
  await access.require(principal, 'run:read', subjectOf(details.run, principal))
  ctx.body = details
}

function pathOf(url: string): string {
  return url.replace(/[?#].*$/, '').replace(/\/+$/, '')
}
