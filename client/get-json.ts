import { ANSWER_MS, readProblem } from './refusal.ts'

/**
 * Requests a document. Throws RequestError for every response that is not successful, and whatever `fetch` throws, also
 * for one that does not come in time.
 */
export async function getJson<T>(ask: typeof fetch, address: string, over?: AbortSignal): Promise<T> {
  const late = new AbortController()
  // not `AbortSignal.timeout`, which stays in memory until its time is up, even if everything has been answered
  const timer = setTimeout(() => late.abort(`nothing for ${ANSWER_MS} ms`), ANSWER_MS)
  const signal = over ? AbortSignal.any([over, late.signal]) : late.signal
  try {
    const answer = await ask(address, { signal, cache: 'no-store', headers: { accept: 'application/json' } })
    if (!answer.ok) throw await readProblem(answer)
    return await answer.json()
  } finally {
    clearTimeout(timer)
  }
}
