/**
 * Calls `listener` every so many milliseconds until the returned undo is called. However the machine's clock is set
 * meanwhile, and after a sleep once, not a thousand times.
 */
export function everyTick(periodMs: number, listener: () => void): () => void {
  const timer = setInterval(listener, periodMs)
  return () => clearInterval(timer)
}
