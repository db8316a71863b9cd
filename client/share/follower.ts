import type { Line, LinkOptions } from '../line.ts'
import { nameOfList } from '../lists.ts'
import { RequestError } from '../problem.ts'
import type { ConnectionStatus } from '../status.ts'
import { spread } from '../timings.ts'
import { type Holder, isOfFollower, type Membership, type Message, type SentStatus, type Watcher } from './messages.ts'

const SECOND = 1_000
/**
 * Silence after which a tab asks whether the leader is alive. All tabs receive the question and the answer, so one
 * question is enough.
 */
const QUIET_MS = 2 * SECOND
/** The time to wait for the leader's answer. A leading tab answers at once, even in the background. */
const ANSWER_MS = 1.5 * SECOND
/**
 * A tab that has the lock and gives no answer to so many questions hangs. One question is not enough: a tab that hung
 * itself finds its timer due before the answer.
 */
const TRIES = 2

/** Shows what the leading tab receives. */
export class Follower implements Line {
  status: ConnectionStatus
  readonly #options: LinkOptions
  readonly #stream: Watcher
  readonly #member: Membership
  readonly #onSilence: Following['onSilence']
  #timer: ReturnType<typeof setTimeout> | undefined
  #isAwaiting = false

  constructor(options: LinkOptions, { stream, member, status, onSilence }: Pick<Follower, 'status'> & Following) {
    this.#options = options
    this.#stream = stream
    this.#member = member
    this.#onSilence = onSilence
    this.status = status
  }

  /** Tells the leader what is wanted here; the leader answers. */
  renew(): void {
    const { watches } = this.#options
    const all = watches.all()
    const [targets, places] = [all.map(({ target }) => target), all.map(({ place }) => place)]
    const { tab: from, say, findHolder } = this.#member
    say({ type: 'ask', from, targets, places, lists: watches.lists?.filters() ?? [], logs: watches.wantLogs() })
    if (!this.#isAwaiting) this.#await(TRIES, findHolder())
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

  /** This tab leads from now on, or has left. */
  retire(): void {
    clearTimeout(this.#timer)
  }

  hear(message: Message): void {
    const isOfLeader = !isOfFollower(message)
    // If another tab asks, this one receives the answer too, or that the other leads from now on.
    if (isOfLeader || !this.#isAwaiting) this.#rest()
    if (!isOfLeader) return
    if (message.type === 'lead') this.renew()
    else if (message.type === 'status') this.#become(message)
    else if (message.type === 'event') this.#advance(message)
    else if (!('to' in message) || message.to !== this.#member.tab) return
    else if (message.type === 'picture') this.#show(message)
    else this.#list(message)
  }

  #rest(): void {
    this.#isAwaiting = false
    this.#wait(spread(QUIET_MS), () => this.renew())
  }

  #await(tries: number, holder: Promise<Holder>): void {
    this.#isAwaiting = true
    this.#wait(ANSWER_MS, () => {
      if (tries === 1) return this.#giveUp(holder)
      this.renew()
      this.#await(tries - 1, holder)
    })
  }

  /** Goes on asking: if another tab takes the lock first, that one may hang too. */
  #giveUp(holder: Promise<Holder>): void {
    this.#rest()
    this.#onSilence(holder)
  }

  #wait(ms: number, then: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(then, ms)
  }

  #become({ status, refusal = null }: Message & { type: 'status' }): void {
    const { watches, onStatus } = this.#options
    const { status: before } = this
    const { refusal: refusedBefore } = watches
    this.status = received(status, before)
    watches.refusal = refusal && received(refusal, refusedBefore)
    if (this.status !== before || watches.refusal !== refusedBefore) onStatus()
  }

  #show({ target, state, place, hasLogs, now }: Message & { type: 'picture' }): void {
    const { watches } = this.#options
    this.#stream.clock.observe(now)
    const watch = watches.known(target)
    if (!watch) return
    Object.assign(watch, { state, place, hasLogs, heard: true })
    watches.notify()
  }

  #advance({ target, event }: Message & { type: 'event' }): void {
    if (event.type === 'snapshot' || event.type === 'patch') this.#stream.clock.observe(event.data.now)
    const { watches } = this.#options
    const watch = watches.known(target)
    if (watch) watches.advance(watch, event)
  }

  #list({ filter, ids, changed, deleted = [] }: Message & { type: 'rows' }): void {
    const { watches } = this.#options
    const { lists } = watches
    const name = nameOfList(filter)
    if (!lists?.names().includes(name)) return
    const known = new Map([...lists.of(filter).runs, ...changed].map((run) => [run.id, run]))
    for (const id of deleted) lists.noteDeletion(id)
    lists.replace(
      filter,
      ids.flatMap((id) => known.get(id) ?? []),
    )
    lists.hear(new Set([name]))
    lists.notify()
  }
}

/** Returns the known object if the leader repeats a status, since every new error is reported to all listeners. */
function received({ state, since, error }: SentStatus, known: ConnectionStatus | null): ConnectionStatus {
  const isSame =
    known?.state === state && known.error?.message === error?.message && known.error?.status === error?.status
  if (isSame && known.since === since) return known
  return { state, since, error: isSame ? known.error : error && new RequestError(error.message, error) }
}

export interface Following {
  stream: Watcher
  member: Membership
  /** The leader does not answer; `holder`: who held the lock when it was asked. */
  onSilence: (holder: Promise<Holder>) => void
}
