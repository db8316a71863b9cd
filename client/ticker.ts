/**
 * Calls `listener` every `periodMs` milliseconds until the returned function is called. It does not depend on the
 * machine's clock being set, and after a sleep calls once, not a thousand times.
 */
export function everyTick(periodMs: number, listener: () => void): () => void {
  const timer = setInterval(listener, periodMs)
  return () => clearInterval(timer)
}
