import type { Line } from '../line.ts'
import type { SharedOptions } from './leader.ts'
import type { Watcher } from './messages.ts'
import { SharedLink } from './shared-link.ts'

export interface Sharing {
  /** Who watches, in the page's own words; empty: the token says it. */
  who: string
  /** null: cookies speak for the page, or it gets a token of its own. */
  token: string | null
}

/**
 * The line that all tabs share which watch the same server as the same user; null where nothing tells users apart, or
 * the browser has no Web Locks (a page that is not served securely has none). Rejects where it denies them to the page.
 */
export async function share(options: SharedOptions, stream: Watcher, { who, token }: Sharing): Promise<Line | null> {
  if (who === '' && token === null) return null
  if (!globalThis.navigator?.locks || !globalThis.BroadcastChannel) return null
  await navigator.locks.query()
  return new SharedLink(options, stream, await nameFor(stream.endpoint.src, who, token))
}

/** Everyone can read the names of locks: no token stands in one. The number is that of the messages' form. */
async function nameFor(src: string, who: string, token: string | null): Promise<string> {
  const { href } = new URL(`${src}/`, globalThis.document?.baseURI)
  const bytes = new TextEncoder().encode(JSON.stringify([href, who, token]))
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return `stepcast 3 ${Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
