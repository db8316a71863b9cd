import type { GetToken } from '../credentials.ts'
import { sharedStream } from '../shared-stream.ts'
import { base } from './place.ts'

/** Kept as long as the tab, and sent only in a header. */
const TOKEN = 'stepcast-token'

let asking: Promise<string | null> | null = null

export function hasToken(): boolean {
  return sessionStorage.getItem(TOKEN) !== null
}

/** Forgets everything that this tab knows of its user. */
export function forgetToken(): void {
  sessionStorage.removeItem(TOKEN)
  location.reload()
}

/**
 * The token of this tab. If the server requires one, or refuses this one, the reader is asked once, however many
 * requests are waiting.
 */
export const getToken: GetToken = async (refused) => {
  const known = sessionStorage.getItem(TOKEN)
  if (refused === undefined || (known !== null && known !== refused)) return known
  sessionStorage.removeItem(TOKEN)
  asking ??= ask(refused !== null).finally(() => {
    asking = null
  })
  return await asking
}

async function ask(wasRefused: boolean): Promise<string | null> {
  const { askForToken } = await import('./token-dialog.ts')
  const token = await askForToken(wasRefused)
  if (token === null) return null
  sessionStorage.setItem(TOKEN, token)
  dispatchEvent(new Event('stepcast-token'))
  // an open stream has waited longer than it may
  setTimeout(() => sharedStream(base, null, getToken).reconnect())
  return token
}

// Needed when the token expires, which may be after a deploy that removed this chunk.
if (hasToken()) import('./token-dialog.ts').catch(() => {})
