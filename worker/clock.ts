/** Milliseconds of the machine's monotonic clock: the same in every thread of a process, unlike `performance.now()`. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000
}
