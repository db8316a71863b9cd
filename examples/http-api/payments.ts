import { setTimeout as sleep } from 'node:timers/promises'
import type { Charge } from './payments-api.ts'
import { paymentsUrl } from './settings.ts'

const TRIES = 30
const PAUSE_MS = 500
/**
 * Still in progress under this key; too many requests; an error of the API itself: the request may be repeated under
 * the same key.
 */
const PASSING = new Set([409, 429, 500, 502, 503, 504])

/**
 * Charges a customer once, however often it is called with the same key. Throws the API's reason when it refuses.
 * @param key The same for every caller that requests this charge, and in every attempt; the body must be the same too.
 */
export async function charge(key: string, body: Omit<Charge, 'id'>, signal: AbortSignal): Promise<Charge> {
  for (let tries = 1; ; tries++) {
    const { status, answer } = await post(key, body, signal)
    if (status === 201) return answer as Charge
    if (!PASSING.has(status) || tries === TRIES) throw new Error(`Payments API: ${(answer as Problem).detail}`)
    await sleep(PAUSE_MS, undefined, { signal })
  }
}

interface Problem {
  detail: string
}

// A broken connection says nothing about what the API did: as after a 503, the request is repeated under the same key.
async function post(key: string, body: object, signal: AbortSignal): Promise<{ status: number; answer: unknown }> {
  // A structured field: a string in quotes.
  const headers = { 'content-type': 'application/json', 'idempotency-key': JSON.stringify(key) }
  try {
    const options = { method: 'POST', headers, body: JSON.stringify(body), signal }
    const response = await fetch(`${paymentsUrl}/charges`, options)
    return { status: response.status, answer: await response.json() }
  } catch (error) {
    signal.throwIfAborted()
    return { status: 503, answer: { detail: `${paymentsUrl} does not answer: ${error}` } }
  }
}
