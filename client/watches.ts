import type { Subscription } from '../db/contract.ts'
import type { ServerClock } from './clock.ts'
import { tellAll } from './listeners.ts'
import { type Arrival, Lists } from './lists.ts'
import type { PollTarget } from './polling.ts'
import { NOTHING_KNOWN, type RunEvent, type RunState, reduce } from './reducer.ts'
import { concernsLists, type RowEvent } from './rows.ts'
import { nameOf, type Target } from './target.ts'

export interface Watch {
  readonly target: Target
  readonly listeners: Map<() => void, { logs: boolean }>
  state: RunState
  /** Whether the server was heard about it: only then does an empty state mean that there is no such run. */
  heard: boolean
  /** The id of the last event: from there a new connection goes on. The server sees to it that no log line is skipped. */
  place: string | null
  /** Whether all its log lines were sent to us so far. */
  hasLogs: boolean
}

/** All that one page watches at one server, each run once however many elements show it. */
export class Watches {
  readonly lists = new Lists()
  readonly #byName = new Map<string, Watch>()
  readonly #clock: ServerClock

  constructor(clock: ServerClock) {
    this.#clock = clock
  }

  /** The watch of a target, new if there was none. */
  of(target: Target): Watch {
    const name = nameOf(target)
    const known = this.#byName.get(name)
    if (known) return known
    const watch: Watch = {
      target,
      listeners: new Map(),
      state: NOTHING_KNOWN,
      heard: false,
      place: null,
      hasLogs: false,
    }
    this.#byName.set(name, watch)
    return watch
  }

  /** Of all that is watched. */
  names(): Set<string> {
    return new Set([...this.#byName.keys(), ...this.lists.names()])
  }

  all(): Watch[] {
    return [...this.#byName.values()]
  }

  /** Forgets what nobody listens to any more. */
  prune(): void {
    for (const [name, { listeners }] of this.#byName) if (listeners.size === 0) this.#byName.delete(name)
    this.lists.prune()
  }

  wantLogs(): boolean {
    return this.all().some(({ listeners }) => [...listeners.values()].some(({ logs }) => logs))
  }

  /** What to ask the server for: of runs already known, only what changed since. */
  subscriptions(logs: boolean): Subscription[] {
    const runs = this.all().map((watch) => {
      const since = sinceOf(watch, logs)
      return since === null ? watch.target : { ...watch.target, since }
    })
    return [...runs, ...this.lists.filters()] as Subscription[]
  }

  /** What to poll, and from which log line on. */
  pollTargets(): PollTarget[] {
    const logs = this.wantLogs()
    return this.all().map(({ target, state }) => ({ target, lastLine: logs ? (state.logs.at(-1)?.line ?? 0) : null }))
  }

  /** `arrival`: the connection that brought it; null: it was polled. `overlaps`: there are two connections just now. */
  apply(event: RunEvent | RowEvent, arrival: Arrival | null = null, overlaps = false): void {
    if (event.type === 'snapshot' || event.type === 'patch') this.#clock.observe(event.data.now)
    if (concernsLists(event)) {
      arrival?.apply(event)
      // A deletion is told once, of whatever it was: a row, or a run that is watched by itself.
      if (event.type !== 'end' || event.data.reason === 'left') return
    }
    for (const watch of this.#byName.values()) if (concerns(event, watch)) this.#advance(watch, event, overlaps)
  }

  /** A connection has delivered its first snapshots: what is still unknown does not exist. */
  hear(names: ReadonlySet<string>, logs: boolean): void {
    for (const [name, watch] of this.#byName) {
      watch.hasLogs = logs && names.has(name)
      if (names.has(name)) watch.heard = true
    }
    this.lists.hear(names)
    this.notify()
  }

  notify(): void {
    for (const { listeners } of this.#byName.values()) tellAll(listeners.keys())
    this.lists.notify()
  }

  #advance(watch: Watch, event: RunEvent, overlaps: boolean): void {
    const { state } = watch
    const next = reduce(overlaps || !isOfAnother(event, state) ? state : NOTHING_KNOWN, event)
    watch.place = event.id ?? watch.place
    if (next === state) return
    watch.state = next
    tellAll(watch.listeners.keys())
  }
}

function concerns(event: RunEvent, { target, state }: Watch): boolean {
  if ('run' in target) return event.data.run.id === target.run
  if (event.type !== 'snapshot') return event.data.run.id === state.run?.id
  return event.data.run.workflow === target.workflow && event.data.run.key === target.key
}

/** On one connection the last word counts: an older run is the newest under its key again, once the one after it was deleted. */
function isOfAnother(event: RunEvent, { run }: RunState): boolean {
  return event.type === 'snapshot' && event.data.run.id !== run?.id
}

/** Nothing where log lines are wanted that were never sent before: then it starts anew. */
function sinceOf({ target, state, place, hasLogs }: Watch, logs: boolean): string | null {
  return 'run' in target && state.run !== null && (hasLogs || !logs) ? place : null
}
