import type { GetToken } from '../credentials.ts'
import { sharedStream } from '../shared-stream.ts'
import { base } from './place.ts'

/** Kept as long as the tab is, and sent in a header alone. */
const TOKEN = 'stepcast-token'

let asking: Promise<string | null> | null = null

export function hasToken(): boolean {
  return sessionStorage.getItem(TOKEN) !== null
}

/** Everything that this tab knows of whoever was here. */
export function forgetToken(): void {
  sessionStorage.removeItem(TOKEN)
  location.reload()
}

/**
 * The token of this tab; where the server wants one, or another, its reader is asked, once however many requests wait.
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
  // what was open has waited for longer than a stream may
  setTimeout(() => sharedStream(base, null, getToken).reconnect())
  return token
}

// Needed when the token ends, which may be after a deploy that took it away.
if (hasToken()) import('./token-dialog.ts').catch(() => {})
