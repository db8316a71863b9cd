import type { JournalEntry, RunDetails, StuckRun, WorkflowInfo } from '../../db/contract.ts'
import { fetchAs } from '../credentials.ts'
import { unreachable } from '../problem.ts'
import { ANSWER_MS, readProblem } from '../refusal.ts'
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
  const [{ run }, status] = await request<{ run: { id: string } }>('/runs', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(start),
  })
  return { run, isNew: status === 201 }
}

export async function deleteRun(run: string): Promise<void> {
  await request(`/runs/${encodeURIComponent(run)}`, { method: 'DELETE' })
}

async function ask<Body>(path: string): Promise<Body> {
  return (await request<Body>(path))[0]
}

/** The body, null if there is none, and the status. Throws only RequestError. */
async function request<Body>(path: string, init?: RequestInit): Promise<[Body, number]> {
  try {
    const response = await send(base + path, { ...init, signal: AbortSignal.timeout(ANSWER_MS) })
    if (!response.ok) throw await readProblem(response)
    return [JSON.parse((await response.text()) || 'null'), response.status]
  } catch (error) {
    throw unreachable(error)
  }
}
