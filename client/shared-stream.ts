import type { GetToken } from './credentials.ts'
import { RunStream } from './run-stream.ts'
import { endLook, fetchAfterLook } from './second-look.ts'
import type { StreamOptions } from './views.ts'

interface Shared extends Required<Pick<StreamOptions, 'src' | 'token' | 'getToken' | 'share'>> {
  stream: RunStream
}

const shared = new Set<Shared>()

/** The page's one stream for a server and a token, or for whoever gives tokens. */
export function sharedStream(
  src: string,
  token: string | null,
  getToken: GetToken | null = null,
  share: string | null = null,
): RunStream {
  const isIt = (each: Shared) =>
    each.src === src && each.token === token && each.getToken === getToken && each.share === share
  const known = [...shared].find(isIt)
  if (known) {
    if (share === null) endLook(src, token, getToken)
    return known.stream
  }
  const onIdle = () => void shared.delete(made)
  const made = { src, token, getToken, share, stream: open({ src, token, getToken, share, onIdle }) }
  shared.add(made)
  return made.stream
}

/** Where elements have looked first, it goes on there, with the token that they have. */
function open(options: StreamOptions & Omit<Shared, 'stream'>): RunStream {
  const { src, token, getToken, share, onIdle } = options
  const fetch = share === null && fetchAfterLook(src, token, getToken)
  return new RunStream(fetch ? { src, fetch, onIdle: onIdle ?? (() => {}) } : options)
}
