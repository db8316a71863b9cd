import type { FetchAs, GetToken } from './credentials.ts'
import { type Look, takeLook } from './looks.ts'

/** The fetch for a stream that continues a request which elements have sent before; undefined: they have not. */
export function fetchAfterLook(src: string, token: string | null, getToken: GetToken | null): FetchAs | undefined {
  const look = takeLook(src, token, getToken)
  if (!look) return
  const ask = look.endpoint.fetch
  const asked: FetchAs = (address, init) => {
    if (asked.ended) ask.ended = true
    asked.ended = false
    return look.isTaken ? ask(address, init) : take(look, address, init)
  }
  return asked
}

/** The page already has a stream, which requests more itself. */
export function endLook(src: string, token: string | null, getToken: GetToken | null): void {
  const look = takeLook(src, token, getToken)
  look?.listeners.clear()
  look?.abort.abort()
}

/** For the same request, the response that has arrived or is on its way; for another one, a new response. */
function take(look: Look, address: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const { endpoint, abort, answer } = look
  look.isTaken = true
  look.listeners.clear()
  const isTheSame = address === `${endpoint.src}/events` && init.body === look.body
  if (isTheSame && answer && !abort.signal.aborted) {
    // with its reason, which keeps nothing
    init.signal?.addEventListener('abort', () => abort.abort(init.signal?.reason))
    return answer
  }
  abort.abort()
  return endpoint.fetch(address, init)
}
