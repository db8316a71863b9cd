const SECOND = 1_000

/** The stream's timeouts and waits, in milliseconds. */
export interface Timings {
  /** From the request until the response's headers; also without a byte before all first snapshots have arrived. */
  openMs: number
  /** From the headers until the first event or comment; longer means that a proxy buffers the stream. */
  firstSignMs: number
  /** A stream without a byte for this long is dead: the server sends a heartbeat every 15 s. */
  stallMs: number
  /** If the page wakes up after this much silence, the stream is in doubt: one heartbeat and a little. */
  doubtMs: number
  /** After a stream that lived this long, the next wait is a short one again. */
  stableMs: number
  /** The first wait before a new try is at most this; it doubles with every try… */
  backoffMs: number
  /** …up to this. */
  backoffMaxMs: number
  /** Between two polls. */
  pollMs: number
  /** Between two tries of the stream while polling. */
  pollRetryMs: number
}

export const TIMINGS: Timings = {
  openMs: 10 * SECOND,
  firstSignMs: 5 * SECOND,
  stallMs: 35 * SECOND,
  doubtMs: 17 * SECOND,
  stableMs: 5 * SECOND,
  backoffMs: 0.5 * SECOND,
  backoffMaxMs: 30 * SECOND,
  pollMs: 2 * SECOND,
  pollRetryMs: 30 * SECOND,
}

export interface Asked {
  /** From a `retry:` line of the stream; null if there was none. */
  retryMs: number | null
  /** From `Retry-After` of a refusal; null if there was none. */
  retryAfterMs: number | null
}

/**
 * How long to wait before a try: what the server asked for and up to half as much again, else exponential backoff with
 * full jitter. So a thousand pages do not reconnect at the same moment.
 */
export function waitBefore(
  attempt: number,
  { retryMs, retryAfterMs }: Asked,
  { backoffMs, backoffMaxMs }: Timings,
): number {
  const backoff = Math.random() * Math.min(backoffMaxMs, backoffMs * 2 ** attempt)
  if (retryAfterMs !== null) return Math.max(backoff, spread(retryAfterMs))
  return retryMs === null ? backoff : spread(retryMs)
}

/** Up to half as much again. */
export function spread(ms: number): number {
  return ms * (1 + Math.random() / 2)
}
