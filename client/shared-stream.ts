import type { GetToken } from './credentials.ts'
import { RunStream } from './run-stream.ts'
import { endLook, fetchAfterLook } from './second-look.ts'
import type { StreamOptions } from './views.ts'

interface Shared extends Required<Pick<StreamOptions, 'src' | 'token' | 'getToken' | 'share'>> {
  stream: RunStream
}

const shared = new Set<Shared>()

/** The page's one stream for a server and a token (an empty one means none) or `getToken`, and for `share`. */
export function sharedStream(
  src: string,
  token: string | null,
  getToken: GetToken | null = null,
  share: string | null = null,
): RunStream {
  token ||= null
  const isIt = (each: Shared) =>
    each.src === src && each.token === token && each.getToken === getToken && each.share === share
  const known = [...shared].find(isIt)
  if (known) {
    if (share === null) endLook(src, token, getToken)
    return known.stream
  }
  const onIdle = () => void shared.delete(made)
  // If elements have requested a run before, the stream continues from there, with the token that they have.
  const asked = share === null ? fetchAfterLook(src, token, getToken) : undefined
  const stream = new RunStream({ src, token, getToken, share, onIdle }, asked)
  const made = { src, token, getToken, share, stream }
  shared.add(made)
  return stream
}
