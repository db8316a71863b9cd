import type { JournalEntry, RunDetails, StuckRun, WorkflowInfo } from '../../db/contract.ts'
import { fetchAs } from '../credentials.ts'
import { unreachable } from '../problem.ts'
import { readProblem } from '../refusal.ts'
import { base } from './place.ts'
import { getToken } from './session.ts'

const send = fetchAs((...request) => fetch(...request), null, getToken)

export async function readWorkflows(): Promise<WorkflowInfo[]> {
  return (await ask<{ workflows: WorkflowInfo[] }>('/workflows')).workflows
}

export async function readStuck(): Promise<StuckRun[]> {
  return (await ask<{ runs: StuckRun[] }>('/stuck')).runs
}

export async function readDetails(run: string): Promise<RunDetails> {
  return await ask<RunDetails>(`/runs/${encodeURIComponent(run)}`)
}

/** A page of entries after the given one; `next` null: it is the last page. */
export async function readJournal(
  run: string,
  after: number,
): Promise<{ entries: JournalEntry[]; next: number | null }> {
  return await ask(`/runs/${encodeURIComponent(run)}/journal?after=${after}`)
}

export interface Start {
  workflow: string
  input: unknown
  key?: string
  again?: boolean
}

/** `isNew` false: the key already had that run. */
export async function startRun(start: Start): Promise<{ run: { id: string }; isNew: boolean }> {
  const response = await request('/runs', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(start),
  })
  const { run } = (await response.json()) as { run: { id: string } }
  return { run, isNew: response.status === 201 }
}

export async function deleteRun(run: string): Promise<void> {
  await request(`/runs/${encodeURIComponent(run)}`, { method: 'DELETE' })
}

async function ask<Answer>(path: string): Promise<Answer> {
  return (await (await request(path)).json()) as Answer
}

async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await send(base + path, init).catch((error: unknown): never => {
    throw unreachable(error)
  })
  if (!response.ok) throw await readProblem(response)
  return response
}
