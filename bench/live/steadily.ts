import { setTimeout as sleep } from 'node:timers/promises'

/** What the handlers of a worker have to do: report in turns, at this total rate per second. */
export interface Order {
  rate: number
  count: number
  /** How many reports are made at the same moment. Default 1. */
  bunch?: number
}

const SETTLE_MS = 500

/**
 * Carries out orders, and answers a moment after the last report, when it has long arrived. Everything due is reported
 * at once, so that a late timer does not lower the rate. A stamp is the machine's monotonic clock in nanoseconds.
 */
export function reportAsOrdered(report: (turn: number, stamp: string) => void): void {
  process.on('message', async ({ rate, count, bunch = 1 }: Order) => {
    const began = performance.now()
    for (let said = 0; said < count; ) {
      const bunches = Math.floor((((performance.now() - began) / 1_000) * rate) / bunch) + 1
      const due = Math.min(count, bunches * bunch)
      for (; said < due; said++) report(said, String(process.hrtime.bigint()))
      await sleep(1)
    }
    await sleep(SETTLE_MS)
    process.send?.('done')
  })
}
