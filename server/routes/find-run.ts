import type { RunDetails } from '../../db/contract.ts'
import { findRuns, NO_RUN, newestRun, readRun } from '../../db/runs.ts'
import type { View } from '../access/access.ts'
import { type Action, type RunSubject, subjectOf } from '../access/principal.ts'
import { detailsFor } from '../access/redact.ts'
import { noSuchRun } from '../problem.ts'
import type { Ctx, Service } from '../service.ts'
import { keyOf, runIdOf } from './requests.ts'

/** A run by its id, and the newest run under a key: both have the same routes below them. */
export const BY_ID = '/runs/:id'
export const BY_KEY = '/workflows/:workflow/keys/:key'

/** A run that exists for the caller. */
export interface Found {
  id: string
  subject: RunSubject
  view: View
}

/**
 * The run that the path names, if the caller may do this to it. It is read in full only after that check: a hidden run
 * takes as long as none.
 */
export async function findRun(service: Service, ctx: Ctx, action: Action): Promise<Found> {
  const { principal } = ctx.state
  const { access } = service
  const id = ctx.params.id === undefined ? await findNewest(service, ctx) : runIdOf(ctx)
  const [run] = await findRuns(service.db, [{ tenant: principal.tenant, run: id }])
  const subject = run && subjectOf(run, principal)
  const view = subject && (await access.viewOf(principal, subject))
  if (!run || !subject || !view) throw noSuchRun()
  if (action !== 'run:read') await access.require(principal, action, subject)
  return { id: run.id, subject, view }
}

/** The whole run, as the caller sees it. */
export async function readFound(
  { db }: Service,
  ctx: Ctx,
  { id, view }: Pick<Found, 'id' | 'view'>,
): Promise<RunDetails> {
  const details = await readRun(db, { tenant: ctx.state.principal.tenant, run: id })
  if (!details) throw noSuchRun()
  return detailsFor(view, details)
}

/** If there is none, that takes as long as for a run that may not be seen. */
async function findNewest({ db }: Service, ctx: Ctx): Promise<string> {
  return (await newestRun(db, { tenant: ctx.state.principal.tenant, ...keyOf(ctx) })) ?? NO_RUN
}
