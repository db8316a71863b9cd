import type { Filed, Filter } from '../../db/changes.ts'

/** Whether a run belongs in a list if the list is long enough; db/reads/run_matches.sql does the same for a search. */
export function fits({ tenant, workflow, statuses, key, q }: Filter, filed: Filed): boolean {
  return (
    tenant === filed.tenant &&
    (workflow === null || workflow === filed.workflow) &&
    (statuses === null || statuses.includes(filed.status)) &&
    (key === null || key === filed.key) &&
    (q === null || matches(q, filed))
  )
}

function matches(q: string, { run, workflow, key }: Filed): boolean {
  return run.startsWith(q.toLowerCase()) || workflow.startsWith(q) || (key?.startsWith(q) ?? false)
}

/** Joined with NULs, which no name and no key contains. */
export function nameOf({ tenant, workflow, statuses, key, q, limit }: Filter): string {
  return [tenant, workflow ?? '', statuses?.join() ?? '', key ?? '', q ?? '', limit].join('\0')
}
