import type { Run } from '../db/contract.ts'
import type { Endpoint } from './events-request.ts'
import { unreachable } from './problem.ts'
import { ANSWER_MS, readProblem } from './refusal.ts'

export type Action = { type: 'cancel'; reason?: string } | { type: 'retry'; from?: string }

/**
 * Sends the action to the server; resolves when the server has done it, to the run's revision since then, rejects with a
 * `RequestError`.
 */
export async function postAction(endpoint: Endpoint, run: Pick<Run, 'id'>, { type, ...body }: Action): Promise<number> {
  try {
    const response = await endpoint.fetch(`${endpoint.src}/runs/${encodeURIComponent(run.id)}/${type}`, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_MS),
    })
    if (!response.ok) throw await readProblem(response)
    // The page to sign in, which may come in its place once a session has ended, is not the server's answer.
    return (await response.json()).run.revision
  } catch (error) {
    throw unreachable(error)
  }
}
