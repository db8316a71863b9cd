import type { WorkflowInfo } from '../../db/contract.ts'
import type { Endpoint } from '../events-request.ts'

/** What can be started, to choose from; null where that may not be known, or cannot be just now. */
export async function readWorkflows({ src, fetch }: Endpoint): Promise<WorkflowInfo[] | null> {
  const response = await fetch(`${src}/workflows`, { headers: { accept: 'application/json' } }).catch(() => null)
  const answer: { workflows: WorkflowInfo[] } | null = response?.ok ? await response.json().catch(() => null) : null
  return answer?.workflows ?? null
}
