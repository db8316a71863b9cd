/**
 * A signal that fires at the first Ctrl-C, SIGTERM or SIGHUP. At the second, the process exits at once: child processes
 * notice, and the watchdog stops the database.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController()
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(INTERRUPTED)
    controller.abort()
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal)
  return controller.signal
}

/** The exit code of a command that was interrupted. */
export const INTERRUPTED = 130

/** Resolves when `signal` fires. */
export function whenStopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
