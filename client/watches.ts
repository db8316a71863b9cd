import type { Subscription } from '../db/contract.ts'
import type { ServerClock } from './clock.ts'
import { type Listeners, tellAll } from './listeners.ts'
import type { Lists } from './lists.ts'
import { isGone, NOTHING_KNOWN, type RunEvent, type RunState, reduce } from './reducer.ts'
import { concernsLists, type RowEvent } from './row-events.ts'
import type { ConnectionStatus } from './status.ts'
import { isOf, nameOf, type Target } from './target.ts'

export interface Watch {
  readonly target: Target
  readonly listeners: Listeners
  state: RunState
  /** Whether the server has answered for it: only then does an empty state mean that there is no such run. */
  heard: boolean
  /**
   * The id of the last event: a new connection resumes there. The server makes sure that no log line is skipped.
   */
  place: string | null
  /** Whether all its log lines have been sent to this page so far. */
  hasLogs: boolean
  /** Called with every event that changes the state; called without one if the state was replaced altogether. */
  relay?: ((event?: RunEvent) => unknown) | null
}

export interface PollTarget {
  target: Target
  /** The last known log line; null: no lines wanted. */
  lastLine: number | null
}

/** What one connection delivers. */
export interface Arrival {
  apply(event: RunEvent | RowEvent): void
  /** Its first snapshots have arrived: what is still unknown does not exist. */
  ready(): void
}

/** What a connection has delivered for a key until it was ready, and the run that was shown when it was opened. */
type Brought = Pick<Watch, 'target' | 'state'> & { shown: string | undefined }

/** Everything that one page watches at one server, each run once, however many elements show it. */
export class Watches {
  /** null: no list has been wanted yet. */
  lists: Lists | null = null
  /**
   * The server's refusal to show more beside the rest: what it has not answered for is then not requested. null: none.
   */
  refusal: ConnectionStatus | null = null
  readonly #byName = new Map<string, Watch>()
  readonly clock: ServerClock

  readonly #isAsked = ({ heard }: { heard: boolean }): boolean => heard || !this.refusal

  constructor(clock: ServerClock) {
    this.clock = clock
  }

  known(target: Target): Watch | undefined {
    return this.#byName.get(nameOf(target))
  }

  /** The watch of a target, new if there was none. */
  of(target: Target): Watch {
    const watch: Watch = this.known(target) ?? {
      target,
      listeners: new Map(),
      state: NOTHING_KNOWN,
      heard: false,
      place: null,
      hasLogs: false,
    }
    this.#byName.set(nameOf(target), watch)
    return watch
  }

  /** The names of everything that is watched. */
  names(): Set<string> {
    return new Set([...this.#byName.keys(), ...(this.lists?.names() ?? [])])
  }

  all(): Watch[] {
    return [...this.#byName.values()]
  }

  /** Forgets what has no listeners left. */
  prune(): void {
    for (const [name, { listeners }] of this.#byName) if (listeners.size === 0) this.#byName.delete(name)
    this.lists?.prune()
  }

  wantLogs(): boolean {
    return this.all().some(({ listeners }) => [...listeners.values()].some(({ logs }) => logs))
  }

  /** What to request from the server: for runs already known, only what has changed since. */
  subscriptions(logs: boolean): Subscription[] {
    const runs = this.all()
      .filter(this.#isAsked)
      .map((watch) => ({ ...watch.target, since: sinceOf(watch, logs) }))
    return [...runs, ...(this.lists?.filters(this.#isAsked) ?? [])] as Subscription[]
  }

  /** What to poll, and from which log line on. */
  pollTargets(): PollTarget[] {
    const logs = this.wantLogs()
    return this.all().map(({ target, state }) => ({ target, lastLine: logs ? (state.logs.at(-1)?.line ?? 0) : null }))
  }

  /** A connection is opened for everything that is watched now. `logs`: with log lines. */
  arrive(logs: boolean): Arrival {
    // What has been answered for stays so.
    const names = this.refusal ? new Set<string>() : this.names()
    const rows = this.lists?.begin()
    const keys = new Map<Watch, Brought>()
    for (const watch of this.all().filter(this.#isAsked)) {
      const { target, state } = watch
      if ('key' in target) keys.set(watch, { target, state: NOTHING_KNOWN, shown: state.run?.id })
    }
    return {
      apply: (event) => {
        if (concernsLists(event)) rows?.apply(event)
        this.#apply(event, keys)
      },
      ready: () => {
        rows?.ready()
        for (const [watch, brought] of keys) this.#settle(watch, brought)
        keys.clear()
        this.hear(names, logs)
      },
    }
  }

  /** Applies what was polled for a target: the latest state of that target, and of no other. */
  take(target: Target, event: RunEvent): void {
    const watch = this.known(target)
    if (watch && concerns(event, watch)) this.advance(watch, event)
  }

  /** The server has answered for all of these. */
  hear(names: ReadonlySet<string>, logs: boolean): void {
    for (const [name, watch] of this.#byName) {
      const isAnswered = names.has(name)
      watch.hasLogs = logs && isAnswered
      watch.heard ||= isAnswered
    }
    this.lists?.hear(names)
    this.notify()
  }

  notify(): void {
    for (const { listeners } of this.all()) tellAll(listeners.keys())
    this.lists?.notify()
  }

  #apply(event: RunEvent | RowEvent, keys: Map<Watch, Brought>): void {
    if (event.type === 'snapshot' || event.type === 'patch') this.clock.observe(event.data.now)
    // A deletion is sent once, whatever it concerns: a row, or a run that is watched on its own.
    if (concernsLists(event) && (event.type !== 'end' || event.data.reason === 'left')) return
    for (const watch of this.all()) {
      const brought = keys.get(watch)
      if (brought && concerns(event, brought)) brought.state = reduce(brought.state, event)
      const { id } = event.data.run
      // An older run arrives too if it is watched on its own.
      const isDoubtful = brought && id !== watch.state.run?.id && this.known({ run: id })
      if (!isDoubtful && concerns(event, watch)) this.advance(watch, event)
    }
  }

  /**
   * Everything has arrived: the newest of the key's runs. It is older than the one shown if that was deleted, and there
   * is none if that was the last; but what another connection has delivered meanwhile may be newer than what this one
   * has read.
   */
  #settle(watch: Watch, { state, shown }: Brought): void {
    const known = watch.state
    if (known.run?.id !== shown || state.run?.id === shown) return
    this.#change(watch, state.run ? state : isGone(known.ended) ? known : { ...known, ended: 'not-found' })
  }

  advance(watch: Watch, event: RunEvent): void {
    watch.place = event.id ?? watch.place
    this.#change(watch, reduce(watch.state, event), event)
  }

  #change(watch: Watch, state: RunState, event?: RunEvent): void {
    if (state === watch.state) return
    watch.state = state
    watch.relay?.(event)
    tellAll(watch.listeners.keys())
  }
}

function concerns(event: RunEvent, { target, state }: Pick<Watch, 'target' | 'state'>): boolean {
  if (event.type === 'snapshot') return isOf(target, event.data.run)
  return event.data.run.id === ('run' in target ? target.run : state.run?.id)
}

/** Nothing if log lines are wanted that were never sent before, or if the run was gone: then it starts over. */
function sinceOf({ target, state, place, hasLogs }: Watch, logs: boolean): string | undefined {
  if ('run' in target && state.run && place && !isGone(state.ended) && (hasLogs || !logs)) return place
}
