import type { WorkflowInfo } from '../../db/contract.ts'
import type { Endpoint } from '../events-request.ts'

/** What can be started, to choose from; none where that may not be known, or cannot be just now. */
export async function readWorkflows({ src, fetch }: Endpoint): Promise<WorkflowInfo[]> {
  try {
    const response = await fetch(`${src}/workflows`, { headers: { accept: 'application/json' } })
    if (!response.ok) return []
    const { workflows } = (await response.json()) as { workflows: WorkflowInfo[] }
    return workflows
  } catch {
    return []
  }
}
