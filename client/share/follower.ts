import type { ConnectionStatus, Line, LinkOptions } from '../link.ts'
import { nameOfList } from '../lists.ts'
import { RequestError } from '../problem.ts'
import type { Membership, Message, SentStatus, Watcher } from './messages.ts'

/** A tab that leads answers at once. One that does not, though it is there, hangs. */
const ANSWER_MS = 3_000

/** Shows what the leading tab hears. */
export class Follower implements Line {
  status: ConnectionStatus
  readonly #options: LinkOptions
  readonly #stream: Watcher
  readonly #member: Membership
  readonly #onSilence: () => void
  #silence: ReturnType<typeof setTimeout> | undefined
  #nextAsk: ReturnType<typeof setTimeout> | undefined

  constructor(options: LinkOptions, { stream, member, status, onSilence }: Pick<Follower, 'status'> & Following) {
    this.#options = options
    this.#stream = stream
    this.#member = member
    this.#onSilence = onSilence
    this.status = status
  }

  /** Asks, and asks again now and then, so that a leader which hangs is noticed. */
  renew(): void {
    const { watches, timings } = this.#options
    const targets = watches.all().map(({ target }) => target)
    const { tab: from, say } = this.#member
    say({ type: 'ask', from, targets, lists: watches.lists?.filters() ?? [], logs: watches.wantLogs() })
    this.#silence ??= setTimeout(this.#onSilence, ANSWER_MS)
    clearTimeout(this.#nextAsk)
    this.#nextAsk = setTimeout(() => this.renew(), timings.doubtMs)
  }

  wake(lost: boolean): void {
    this.#member.say({ type: 'wake', lost })
    this.renew()
  }

  restart(): void {
    this.#member.say({ type: 'restart' })
  }

  rest(): void {
    this.stop()
  }

  stop(): void {
    this.retire()
    this.#member.say({ type: 'leave', from: this.#member.tab })
  }

  /** It leads from now on, or has left. */
  retire(): void {
    clearTimeout(this.#silence)
    clearTimeout(this.#nextAsk)
  }

  hear(message: Message): void {
    if (message.type === 'lead') this.renew()
    else if (message.type === 'status') this.#become(message.status)
    else if (message.type === 'event') this.#advance(message)
    else if (!('to' in message) || message.to !== this.#member.tab) return
    else if (message.type === 'picture') this.#show(message)
    else this.#list(message)
  }

  #become({ state, since, error }: SentStatus): void {
    clearTimeout(this.#silence)
    this.#silence = undefined
    this.status = { state, since, error: error && new RequestError(error.message, error) }
    this.#options.onStatus()
  }

  #show({ target, state, place, hasLogs, now }: Message & { type: 'picture' }): void {
    const { watches } = this.#options
    this.#stream.clock.observe(now)
    const watch = watches.known(target)
    if (!watch) return
    Object.assign(watch, { state, place, hasLogs, heard: true })
    watches.notify()
  }

  #advance({ target, event, anew }: Message & { type: 'event' }): void {
    if (event.type === 'snapshot' || event.type === 'patch') this.#stream.clock.observe(event.data.now)
    const { watches } = this.#options
    const watch = watches.known(target)
    if (watch) watches.advance(watch, event, anew)
  }

  #list({ filter, ids, changed }: Message & { type: 'rows' }): void {
    const { watches } = this.#options
    const { lists } = watches
    const name = nameOfList(filter)
    if (!lists?.names().includes(name)) return
    const known = new Map([...lists.of(filter).runs, ...changed].map((run) => [run.id, run]))
    lists.replace(
      filter,
      ids.flatMap((id) => known.get(id) ?? []),
    )
    lists.hear(new Set([name]))
    lists.notify()
  }
}

export interface Following {
  stream: Watcher
  member: Membership
  /** The leader does not answer. */
  onSilence: () => void
}
