/** The listeners, and whether each wants log lines too. */
export type Listeners = Map<() => void, { logs: boolean }>

/** Calls every listener, even if one of them throws: a listener's fault is not the stream's. */
export function tellAll(listeners: Iterable<() => void>): void {
  for (const listener of [...listeners]) {
    try {
      listener()
    } catch (error) {
      // only browsers have reportError
      const report = globalThis.reportError ?? console.error
      report(error)
    }
  }
}
