/**
 * Calls `wake` when the page may have missed something: it is seen again, the network is back or it comes out of the
 * back/forward cache; the last two say that open connections are not to be trusted.
 */
export function onWake(wake: (lost: boolean) => void): () => void {
  if (typeof document === 'undefined') return () => {}
  const stop = new AbortController()
  const { signal } = stop
  addEventListener('online', () => wake(true), { signal })
  addEventListener('pageshow', ({ persisted }) => wake(persisted), { signal })
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && wake(false), { signal })
  return () => stop.abort()
}
