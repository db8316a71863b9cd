import type { WorkflowInfo } from '../../db/contract.ts'
import { listWorkflows } from '../../db/runs.ts'
import type { Access } from '../access/access.ts'
import type { Principal } from '../access/principal.ts'
import { invalid, type Problem } from '../problem.ts'
import type { Ctx, Service } from '../service.ts'

/** `GET /workflows`: what the caller may start. */
export function workflows({ db, access }: Service) {
  return async (ctx: Ctx): Promise<void> => {
    ctx.body = { workflows: await startable(access, ctx.state.principal, await listWorkflows(db)) }
  }
}

/** A 422 that names what the caller may start instead, and nothing that `authorize` hides. */
export async function noSuchWorkflow(
  access: Access,
  principal: Principal,
  all: WorkflowInfo[],
  name: string,
): Promise<Problem> {
  const known = (await startable(access, principal, all)).map((workflow) => workflow.name).join(', ')
  const rest = all.length === 0 ? '; none is registered: start a worker, or run stepcast register' : ''
  const message = `there is no workflow “${name}”${known ? `; registered are: ${known}` : rest}`
  return invalid([{ path: 'workflow', message }])
}

/** Those of all workflows that the caller may start, whatever the key. */
async function startable(access: Access, principal: Principal, all: WorkflowInfo[]): Promise<WorkflowInfo[]> {
  const { tenant } = principal
  const may = await Promise.all(
    all.map(({ name: workflow }) =>
      access.allows(principal, 'run:start', { id: null, workflow, key: null, tenant, status: null }),
    ),
  )
  return all.filter((_, index) => may[index])
}
