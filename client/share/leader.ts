import type { ListedRun, ListFilter } from '../../db/contract.ts'
import type { Line, LinkOptions } from '../line.ts'
import type { Link } from '../link.ts'
import type { ConnectionStatus } from '../status.ts'
import type { Target } from '../target.ts'
import type { Watch } from '../watches.ts'
import type { Membership, Message, SentStatus, Wants, Watcher } from './messages.ts'

export interface SharedOptions extends LinkOptions {
  /** Makes the link of a tab that does not share. */
  open: (options: LinkOptions) => Link
}

interface Guest {
  asked: string
  undo: (() => void)[]
}

/** Holds the connection for all tabs: watches what the others want too, and sends them what arrives. */
export class Leader implements Line {
  readonly #link: Link
  readonly #options: LinkOptions
  readonly #stream: Watcher
  readonly #member: Membership
  readonly #guests = new Map<string, Guest>()
  readonly #over = new AbortController()

  /** `before`: the status of the connection until now. */
  constructor(options: SharedOptions, stream: Watcher, member: Membership, before: ConnectionStatus) {
    this.#options = options
    this.#stream = stream
    this.#member = member
    this.#link = options.open({ ...options, onStatus: () => this.#tellStatus() })
    if (before.state !== 'connecting') this.#link.status = { state: 'reconnecting', since: Date.now(), error: null }
    member.say({ type: 'lead' })
  }

  get status(): ConnectionStatus {
    return this.#link.status
  }

  renew(): void {
    this.#link.renew()
  }

  wake(lost: boolean): void {
    this.#link.wake(lost)
  }

  restart(): void {
    this.#link.restart()
  }

  rest(): void {
    this.stop()
  }

  /** Another tab will lead, or none. */
  stop(): void {
    this.#over.abort()
    this.#link.stop('connecting')
    for (const tab of [...this.#guests.keys()]) this.#dismiss(tab)
    for (const watch of this.#options.watches.all()) watch.relay = null
  }

  hear(message: Message): void {
    if (message.type === 'ask') this.#admit(message.from, message)
    else if (message.type === 'leave') this.#dismiss(message.from)
    else if (message.type === 'wake') this.#link.wake(message.lost)
    else if (message.type === 'restart') this.#link.restart()
  }

  #tellStatus(): void {
    if (this.#over.signal.aborted) return
    if (this.#guests.size > 0) this.#sayStatus()
    this.#options.onStatus()
  }

  #sayStatus(): void {
    const { refusal } = this.#options.watches
    this.#member.say({ type: 'status', status: asSent(this.status), refusal: refusal && asSent(refusal) })
  }

  #admit(tab: string, { targets, places, lists, logs }: Wants): void {
    const asked = JSON.stringify([targets, lists, logs])
    const before = this.#guests.get(tab)
    this.#sayStatus()
    if (before?.asked === asked) {
      for (const [at, target] of targets.entries()) this.#correct(tab, target, places[at])
      return
    }
    const offers = [
      ...targets.map((target) => this.#offer(tab, target, logs)),
      ...lists.map((filter) => this.#offerList(tab, filter)),
    ]
    this.#guests.set(tab, { asked, undo: offers })
    if (before) for (const undo of before.undo) undo()
    else this.#awaitEnd(tab)
  }

  /** A tab that crashes sends nothing, but its lock becomes free. */
  #awaitEnd(tab: string): void {
    const dismiss = () => this.#dismiss(tab)
    navigator.locks.request(this.#member.lifeOf(tab), { signal: this.#over.signal }, dismiss).catch(() => {})
  }

  #dismiss(tab: string): void {
    for (const undo of this.#guests.get(tab)?.undo ?? []) undo()
    this.#guests.delete(tab)
  }

  #offer(to: string, target: Target, logs: boolean): () => void {
    const { say } = this.#member
    const watch = this.#options.watches.of(target)
    watch.relay ??= (event) => {
      if (!event) for (const tab of this.#guests.keys()) this.#show(tab, watch)
      else if (this.#guests.size > 0) say({ type: 'event', target, event })
    }
    let isShown = false
    return this.#stream.subscribe(
      target,
      () => {
        if (isShown || !watch.heard) return
        isShown = true
        this.#show(to, watch)
      },
      { logs },
    )
  }

  /** Messages between tabs are not known to get lost; if one does, this corrects the state soon. */
  #correct(to: string, target: Target, place: string | null | undefined): void {
    const watch = this.#options.watches.known(target)
    if (watch?.heard && watch.place !== place) this.#show(to, watch)
  }

  #show(to: string, { target, state, place, hasLogs }: Watch): void {
    const now = new Date(this.#stream.clock.now()).toISOString()
    this.#member.say({ type: 'picture', to, target, state, place, hasLogs, now })
  }

  #offerList(to: string, filter: ListFilter): () => void {
    let sent: readonly ListedRun[] | null = null
    let told: readonly ListedRun[] | null = null
    return this.#stream.subscribeList(filter, ({ runs, heard, deleted: gone }) => {
      if (!heard || runs === sent) return
      const known = new Set(sent)
      const changed = runs.filter((run) => !known.has(run))
      const deleted = gone === told ? [] : gone.map(({ id }) => id)
      sent = runs
      told = gone
      this.#member.say({ type: 'rows', to, filter, ids: runs.map(({ id }) => id), changed, deleted })
    })
  }
}

function asSent({ state, since, error }: ConnectionStatus): SentStatus {
  if (error === null) return { state, since, error }
  const { message, status, detail, retryAfterMs } = error
  return { state, since, error: { message, status, detail, retryAfterMs } }
}
