/** One timer for all that shows running time; it exists only while someone listens. */

const listeners = new Map<() => void, { periodMs: number; due: number }>()
let timer: ReturnType<typeof setTimeout> | undefined

/** Calls `listener` every so many milliseconds until the returned undo is called. */
export function everyTick(periodMs: number, listener: () => void): () => void {
  listeners.set(listener, { periodMs, due: Date.now() + periodMs })
  schedule()
  return () => {
    listeners.delete(listener)
    schedule()
  }
}

function schedule(): void {
  clearTimeout(timer)
  timer = undefined
  if (listeners.size === 0) return
  const due = Math.min(...Array.from(listeners.values(), (entry) => entry.due))
  timer = setTimeout(tick, Math.max(0, due - Date.now()))
}

function tick(): void {
  const now = Date.now()
  for (const [listener, entry] of [...listeners]) {
    if (entry.due > now) continue
    // counted from now, not from the last due time: after a sleep there is one tick, not a thousand
    entry.due = now + entry.periodMs
    listener()
  }
  schedule()
}
