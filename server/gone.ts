import type { ServerResponse } from 'node:http'

/** Whether a response is over, as when its client has gone: its `close` has been, or comes when nobody waits for it. */
export function isGone(res: ServerResponse): boolean {
  // In HTTP/2 that is known of its stream alone.
  const { stream = res } = res as { stream?: { destroyed: boolean } }
  return stream.destroyed
}
