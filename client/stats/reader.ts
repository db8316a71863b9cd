import type { RunningStats, Stats } from '../../db/contract.ts'
import { onPageLife } from '../page-life.ts'
import { type RequestError, unreachable } from '../problem.ts'
import { beginOf, type Period, zoneOfReader } from './period.ts'
import { type Caller, getter } from './requests.ts'

const SECOND = 1_000
const EVERY_MS = 5 * SECOND
const SLOWEST_MS = 60 * SECOND
/** The charts are read again after this many times as long as reading them took, at the earliest. */
const REST = 20

/** What to request, and with which credentials. */
export interface Asked extends Caller {
  workflow: string | null
  period: Period
}

/** What is known; `stats` null: nothing yet. */
export interface Reading {
  stats: Stats | null
  running: RunningStats | null
  /** Why the last attempt failed; null: it did not fail. */
  error: RequestError | null
  /** Whether the numbers shown are for something other than what is requested. */
  busy: boolean
  /** When the last response arrived, by the local clock; null: never. */
  heardAt: number | null
}

/** Reads the charts, then checks every few seconds whether a run has ended since; pauses while the page is hidden. */
export class StatsReader {
  reading: Reading = { stats: null, running: null, error: null, busy: true, heardAt: null }
  readonly #onChange: (fresh: boolean) => void
  #asked: Asked | null = null
  #get: ReturnType<typeof getter> | null = null
  #stop: AbortController | null = null
  #stopWaking: (() => void) | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  /**
   * The request behind the charts that are shown, and the last end known at the time. `notBefore` is by a clock that does
   * not jump when the machine's is set: else the charts would rest until it is that late again.
   */
  #shown = { since: null as string | null, lastEnd: null as string | null, notBefore: 0 }
  #failures = 0
  #isReading = false
  /** Whether a run has ended that the charts do not show yet, because they rest. */
  #isBehind = false

  /** `onChange` is called with every change; `fresh`: the charts were read again. */
  constructor(onChange: (fresh: boolean) => void) {
    this.#onChange = onChange
  }

  /** Sets what is requested from now on; the same again changes nothing. Returns whether it is something else. */
  ask(asked: Asked): boolean {
    const name = ({ getToken, ...rest }: Asked) => JSON.stringify([rest, getToken !== null])
    if (this.#asked !== null && this.#stop !== null && name(asked) === name(this.#asked)) return false
    this.#asked = asked
    this.#get = getter(asked)
    this.reading = { ...this.reading, busy: true }
    this.again()
    return true
  }

  /** Requests everything now. */
  again(): void {
    this.#failures = 0
    this.#shown.notBefore = 0
    // A request that is under way continues, unless the network was lost meanwhile.
    this.#stopWaking ??= onPageLife({
      wake: (lost) => (lost || !this.#isReading) && this.#look(false),
      rest: () => {},
    })
    this.#look(true)
  }

  sleep(): void {
    this.#stop?.abort()
    this.#stop = null
    this.#stopWaking?.()
    this.#stopWaking = null
    clearTimeout(this.#timer)
  }

  async #look(all: boolean): Promise<void> {
    const get = this.#get
    if (!this.#asked || !get || (document.hidden && !all)) return
    this.#stop?.abort()
    clearTimeout(this.#timer)
    this.#stop = new AbortController()
    const { signal } = this.#stop
    this.#isReading = true
    try {
      await this.#read(get, this.#asked, all || this.reading.busy, signal)
      this.#failures = 0
    } catch (error) {
      if (signal.aborted) return
      this.#failures++
      this.#say({ error: unreachable(error) }, false)
    }
    if (signal.aborted) return
    this.#isReading = false
    this.#timer = setTimeout(() => this.#look(false), this.#pause())
  }

  async #read(get: ReturnType<typeof getter>, asked: Asked, all: boolean, signal: AbortSignal): Promise<void> {
    const { workflow } = asked
    const running = await get<RunningStats>('/stats/running', { workflow }, signal)
    const since = beginOf(asked.period)
    const isOld = since !== this.#shown.since || running.lastEnd !== this.#shown.lastEnd
    const isTime = all || (isOld && performance.now() >= this.#shown.notBefore)
    this.#isBehind = isOld && !isTime
    if (!isTime) return this.#say({ running, error: null }, false)
    const began = performance.now()
    const stats = await get<Stats>('/stats', { workflow, since, zone: zoneOfReader() }, signal)
    this.#shown = { since, lastEnd: running.lastEnd, notBefore: began + (1 + REST) * (performance.now() - began) }
    this.#say({ running, stats, error: null, busy: false }, true)
  }

  #say(news: Partial<Reading>, fresh: boolean): void {
    const heardAt = news.error ? this.reading.heardAt : Date.now()
    this.reading = { ...this.reading, ...news, heardAt }
    this.#onChange(fresh)
  }

  #pause(): number {
    const { retryAfterMs, final } = this.reading.error ?? {}
    if (final) return SLOWEST_MS
    if (this.#isBehind) return Math.min(EVERY_MS, this.#shown.notBefore - performance.now())
    return retryAfterMs ?? Math.min(SLOWEST_MS, EVERY_MS * 2 ** this.#failures)
  }
}
