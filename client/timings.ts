const SECOND = 1_000

/** How long the stream waits for what, in milliseconds. */
export interface Timings {
  /** From asking until the answer's headers, and without a byte before all first snapshots have come. */
  openMs: number
  /** From the headers until the first event or comment; longer means that a proxy holds the stream back. */
  firstSignMs: number
  /** Without a byte for so long, a stream is dead: the server beats every 15 s. */
  stallMs: number
  /** Silence after which a wake-up of the page is reason enough to doubt the stream: one beat and a little. */
  doubtMs: number
  /** A stream that lived so long was a good one: the next wait is a short one again. */
  stableMs: number
  /** The first wait before a new try is up to this; it doubles with every try… */
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
  /** By a `retry:` line of the stream; null: nothing. */
  retryMs: number | null
  /** By `Retry-After` of a refusal; null: nothing. */
  retryAfterMs: number | null
}

/**
 * How long to wait before a try: what the server asked for and up to half as much again, else exponential backoff with
 * full jitter. So a thousand pages do not come back at the same moment.
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
