import { fetchAs, type GetToken } from '../credentials.ts'
import { getJson } from '../get-json.ts'

/** Where requests are sent, and with which credentials. */
export interface Caller {
  src: string
  token: string | null
  getToken: GetToken | null
}

/**
 * Requests a document below the mount point; null in a query: the parameter is left out. Throws RequestError for every
 * response that is not successful.
 */
export function getter({ src, token, getToken }: Caller) {
  // wrapped: a browser's fetch refuses to be called as a method of anything else
  const ask = fetchAs((...request) => fetch(...request), token, getToken)
  return async <T>(path: string, query: Record<string, string | null>, over: AbortSignal): Promise<T> => {
    const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== null)
    const address = `${src.replace(/\/+$/, '')}${path}?${new URLSearchParams(given)}`
    return await getJson<T>(ask, address, over)
  }
}
