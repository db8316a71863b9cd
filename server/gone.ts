import type { ServerResponse } from 'node:http'

/** Whether a response is over, for instance because its client has gone: too late to wait for its `close`. */
export function isGone(res: ServerResponse): boolean {
  // In HTTP/2 only the stream knows.
  const { stream = res } = res as { stream?: { destroyed: boolean } }
  return stream.destroyed
}
