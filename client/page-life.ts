export interface PageLife {
  /** The page may have missed something. `lost`: an open connection cannot be trusted. */
  wake(lost: boolean): void
  /**
   * The page is hidden, for good or to be restored: an open connection would keep it out of the back/forward cache.
   */
  rest(): void
}

/** Reports what happens to the page, until the returned function is called. */
export function onPageLife({ wake, rest }: PageLife): () => void {
  if (typeof document === 'undefined') return () => {}
  const stop = new AbortController()
  const { signal } = stop
  // an open connection may be dead without an error; if the server can be reached, it is open again at once
  const doubt = () => {
    rest()
    wake(false)
  }
  addEventListener('offline', doubt, { signal })
  addEventListener('online', () => wake(true), { signal })
  addEventListener('pageshow', () => wake(false), { signal })
  addEventListener('pagehide', rest, { signal })
  document.addEventListener('freeze', rest, { signal })
  document.addEventListener('resume', () => wake(false), { signal })
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && wake(false), { signal })
  return () => stop.abort()
}
