/** Who listens, and who of them wants log lines too. */
export type Listeners = Map<() => void, { logs: boolean }>

/** Calls every listener, also when one of them throws: a listener's fault is no fault of the stream. */
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
