import type { Line } from '../line.ts'
import type { SharedOptions } from './leader.ts'
import type { Watcher } from './messages.ts'
import { SharedLink } from './shared-link.ts'

export interface Sharing {
  /** The user, as named by the page; empty: identified by the token. */
  who: string
  /** null: the page uses cookies, or gets a token of its own. */
  token: string | null
}

/**
 * The line that is shared by all tabs that watch the same server as the same user; null if nothing tells users apart,
 * or if the browser has no Web Locks (as on a page that is not served securely). Rejects if the browser denies them to
 * the page.
 */
export async function share(options: SharedOptions, stream: Watcher, { who, token }: Sharing): Promise<Line | null> {
  if (who === '' && token === null) return null
  if (!globalThis.navigator?.locks || !globalThis.BroadcastChannel) return null
  await navigator.locks.query()
  return new SharedLink(options, stream, await nameFor(stream.endpoint.src, who, token))
}

/**
 * Everyone can read the names of locks, so none contains a token. The number is the version of the messages' format.
 */
async function nameFor(src: string, who: string, token: string | null): Promise<string> {
  const { href } = new URL(`${src}/`, globalThis.document?.baseURI)
  const bytes = new TextEncoder().encode(JSON.stringify([href, who, token]))
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return `stepcast 3 ${Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
