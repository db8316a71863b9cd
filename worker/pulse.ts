import { monotonicMs } from './clock.ts'

/** When the main thread last showed that it runs, as a number shared between threads. */
export interface Pulse {
  /** Milliseconds since `origin`, in 32 bits, which wrap every 49 days. */
  signs: SharedArrayBuffer
  /** A time of the monotonic clock. */
  origin: number
}

export function newPulse(): Pulse {
  return { signs: new SharedArrayBuffer(4), origin: monotonicMs() }
}

export function beatPulse({ signs, origin }: Pulse, now = monotonicMs()): void {
  Atomics.store(new Int32Array(signs), 0, Math.trunc(now - origin))
}

/** Milliseconds since the last beat; correct for up to 24 days of silence, however long the process runs. */
export function silenceOf({ signs, origin }: Pulse, now = monotonicMs()): number {
  return (Math.trunc(now - origin) - Atomics.load(new Int32Array(signs), 0)) | 0
}
