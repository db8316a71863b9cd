import type { Snapshot } from '../db/contract.ts'
import type { GetToken } from './credentials.ts'
import type { Endpoint } from './events-request.ts'
import type { Target } from './target.ts'

/** A request for events that was sent before the stream's own code had loaded. */
export interface Look {
  readonly src: string
  readonly token: string | null
  readonly getToken: GetToken | null
  readonly endpoint: Endpoint
  readonly targets: Map<string, Target>
  readonly listeners: Set<(snapshot: Snapshot) => void>
  readonly abort: AbortController
  /** Undefined: it has not been sent yet. */
  body?: string
  /** The response, whose own body has yet to be read, from the beginning. */
  answer?: Promise<Response>
  /** The stream has taken it over. */
  isTaken?: boolean
}

/** Requests that no stream has taken over yet. */
export const looks = new Set<Look>()

export function lookOf(src: string, token: string | null, getToken: GetToken | null): Look | undefined {
  return [...looks].find((each) => each.src === src && each.token === token && each.getToken === getToken)
}

/** Hands it to the caller, to continue or to end it. */
export function takeLook(src: string, token: string | null, getToken: GetToken | null): Look | undefined {
  const look = lookOf(src, token, getToken)
  if (look) looks.delete(look)
  return look
}
