import type { WorkflowInfo } from '../../db/contract.ts'
import type { Endpoint } from '../events-request.ts'

/**
 * The workflows that can be started, to choose from; null if the reader may not read them, or they cannot be read now.
 */
export async function readWorkflows({ src, fetch }: Endpoint): Promise<WorkflowInfo[] | null> {
  const response = await fetch(`${src}/workflows`, { headers: { accept: 'application/json' } }).catch(() => null)
  const answer: { workflows: WorkflowInfo[] } | null = response?.ok ? await response.json().catch(() => null) : null
  return answer?.workflows ?? null
}
