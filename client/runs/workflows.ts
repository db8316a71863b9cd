import type { WorkflowInfo } from '../../db/contract.ts'
import type { Endpoint } from '../events-request.ts'
import { getJson } from '../get-json.ts'

/**
 * The workflows that can be started, to choose from; null if the reader may not read them, or they cannot be read now.
 */
export async function readWorkflows({ src, fetch }: Endpoint): Promise<WorkflowInfo[] | null> {
  const answer = await getJson<{ workflows: WorkflowInfo[] }>(fetch, `${src}/workflows`).catch(() => null)
  return answer?.workflows ?? null
}
