import type { z } from 'zod'
import type { ListedRun } from '../../db/contract.ts'
import { listRuns } from '../../db/runs.ts'
import { type Principal, subjectOf } from '../access/principal.ts'
import { runFor } from '../access/redact.ts'
import type { Ctx, Service } from '../service.ts'
import { listQuery, queryOf } from './requests.ts'

/** If the application's `authorize` hides more than this many pages in a row, a page comes short. */
const MOST_READS = 20

interface Page {
  runs: ListedRun[]
  next: string | null
}

/** `GET /runs` */
export function list(service: Service) {
  return async (ctx: Ctx): Promise<void> => {
    const { principal } = ctx.state
    service.access.requireList(principal, 'run:read')
    ctx.body = await readPage(service, principal, queryOf(ctx, listQuery))
  }
}

/** A page full of visible runs: neither its length nor `next` reveals hidden ones. */
async function readPage(service: Service, principal: Principal, query: z.output<typeof listQuery>): Promise<Page> {
  const { limit, status: statuses, ...filter } = query
  const { tenant } = principal
  const mayHide = service.access.viewOfAny(principal) === undefined
  const enough = mayHide ? limit + 1 : limit
  const shown: ListedRun[] = []
  let after = query.after && (await service.cursors.open(query.after, tenant))
  for (let reads = 0; reads < MOST_READS; reads++) {
    const { runs, next, isHeavy } = await listRuns(service.readDb, { ...filter, statuses, limit, after, tenant })
    shown.push(...(await visible(service, principal, runs)))
    if (next === null && shown.length <= limit) return { runs: shown, next }
    const page = shown.slice(0, limit)
    const isFull = shown.length >= enough || (isHeavy && shown.length > 0)
    if (isFull) return { runs: page, next: page.at(-1)?.id ?? null }
    after = next ?? undefined
  }
  if (after === undefined) return { runs: shown, next: null }
  // The last run that was read may be a hidden one.
  return { runs: shown, next: mayHide ? await service.cursors.seal(after, tenant) : after }
}

async function visible({ access }: Service, principal: Principal, runs: ListedRun[]): Promise<ListedRun[]> {
  const views = await Promise.all(runs.map((run) => access.viewInList(principal, subjectOf(run, principal))))
  return runs.flatMap((run, index) => {
    const view = views[index]
    return view ? [runFor(view, run)] : []
  })
}
