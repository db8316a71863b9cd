import type { RunDetails } from '../db/contract.ts'
import { newestRun, readRun } from '../db/runs.ts'
import { type Action, subjectOf } from './access.ts'
import { noSuchRun } from './problem.ts'
import { keyOf, runIdOf } from './requests.ts'
import type { Ctx, Service } from './service.ts'

/** A run by its id, and the newest run under a key: what is below the one is below the other. */
export const BY_ID = '/runs/:id'
export const BY_KEY = '/workflows/:workflow/keys/:key'

/** The run that the address names, if the caller may do that to it. */
export async function findRun(service: Service, ctx: Ctx, action: Action): Promise<RunDetails> {
  const { principal } = ctx.state
  const run = ctx.params.id === undefined ? await findNewest(service, ctx) : runIdOf(ctx)
  const details = run && (await readRun(service.db, { tenant: principal.tenant, run }))
  if (!details) throw noSuchRun()
  await service.access.require(principal, action, subjectOf(details.run, principal))
  return details
}

function findNewest({ db }: Service, ctx: Ctx): Promise<string | null> {
  return newestRun(db, { tenant: ctx.state.principal.tenant, ...keyOf(ctx) })
}
