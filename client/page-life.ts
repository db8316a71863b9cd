export interface PageLife {
  /** The page may have missed something. `lost`: whatever is open is not to be trusted. */
  wake(lost: boolean): void
  /**
   * The page is put away, for good or to come back as it was: what is open would keep it out of the back/forward cache.
   */
  rest(): void
}

/** Tells what becomes of the page, until the returned undo is called. */
export function onPageLife({ wake, rest }: PageLife): () => void {
  if (typeof document === 'undefined') return () => {}
  const stop = new AbortController()
  const { signal } = stop
  // what is open may be dead without a word; where the server can be reached all the same, it is open again at once
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
