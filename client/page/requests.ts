import type { Run, RunDetails, WorkflowInfo } from '../../db/contract.ts'
import { readProblem, unreachable } from '../problem.ts'
import { base } from './place.ts'

export async function readWorkflows(): Promise<WorkflowInfo[]> {
  const { workflows } = await ask<{ workflows: WorkflowInfo[] }>('/workflows')
  return workflows
}

/** The newest first. */
export async function readRuns(limit: number): Promise<Run[]> {
  const { runs } = await ask<{ runs: Run[] }>(`/runs?limit=${limit}`)
  return runs
}

export async function startRun(workflow: string, input: unknown): Promise<RunDetails> {
  return await ask<RunDetails>('/runs', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ workflow, input }),
  })
}

async function ask<Answer>(path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(base + path, init).catch((error: unknown): never => {
    throw unreachable(error)
  })
  if (!response.ok) throw await readProblem(response)
  return (await response.json()) as Answer
}
