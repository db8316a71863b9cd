const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** `0.4 s`, `12 s`, `3 min 05 s`, `2 h 07 min`. */
export function duration(ms: number): string {
  if (ms < 9.95 * SECOND) return `${(ms / SECOND).toFixed(1)} s`
  if (ms < 59.5 * SECOND) return `${Math.round(ms / SECOND)} s`
  // From here on, fractions are cut off; but what would round to 60 s counts as a whole minute.
  if (ms < HOUR)
    return `${Math.floor(Math.max(ms, MINUTE) / MINUTE)} min ${two((Math.max(ms, MINUTE) % MINUTE) / SECOND)} s`
  return `${Math.floor(ms / HOUR)} h ${two((ms % HOUR) / MINUTE)} min`
}

function two(number: number): string {
  return String(Math.floor(number)).padStart(2, '0')
}
