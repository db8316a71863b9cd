import type { Line } from '../line.ts'
import type { ConnectionState, ConnectionStatus } from '../status.ts'
import { Follower } from './follower.ts'
import { Leader, type SharedOptions } from './leader.ts'
import type { Holder, Membership, Watcher } from './messages.ts'

/**
 * One connection for all tabs that share a name: the tab that holds the lock of that name has it, and sends the others
 * what arrives. When that tab closes, crashes or enters the back/forward cache, the browser gives the lock to the next
 * one.
 */
export class SharedLink implements Line {
  readonly #options: SharedOptions
  readonly #stream: Watcher
  readonly #name: string
  #line: Leader | Follower | null = null
  /** Aborted when the tab leaves. */
  #stay = new AbortController()
  #alone: ConnectionStatus

  constructor(options: SharedOptions, stream: Watcher, name: string) {
    this.#options = options
    this.#stream = stream
    this.#name = name
    this.#alone = statusNow('connecting')
  }

  get status(): ConnectionStatus {
    return this.#line?.status ?? this.#alone
  }

  renew(): void {
    if (this.#line) this.#line.renew()
    else this.#join()
  }

  wake(lost: boolean): void {
    if (this.status.state === 'closed') return
    if (this.#line) this.#line.wake(lost)
    else this.#join()
  }

  restart(): void {
    if (this.#line) this.#line.restart()
    else this.#join()
  }

  rest(): void {
    if (this.status.state !== 'closed') this.#leave('reconnecting')
  }

  stop(state: 'closed' | 'connecting'): void {
    this.#leave(state)
  }

  #join(): void {
    this.#stay.abort()
    this.#stay = new AbortController()
    const stay = this.#stay.signal
    if (this.#alone.state === 'closed') this.#alone = statusNow('connecting')
    const member = this.#enter(stay)
    // The leader may request this lock as soon as it is asked.
    const begin = () => {
      if (stay.aborted) return
      this.#follow(member, stay)
      return endOf(stay)
    }
    navigator.locks.request(member.lifeOf(member.tab), begin)
  }

  #enter(stay: AbortSignal): Membership {
    const channel = new BroadcastChannel(this.#name)
    channel.onmessage = ({ data }) => this.#line?.hear(data)
    stay.addEventListener('abort', () => channel.close())
    // a tab that returns is a new one: no earlier message concerns it
    const tab = crypto.randomUUID()
    return {
      tab,
      lifeOf: (each) => `${this.#name} ${each}`,
      say: (message) => channel.postMessage(message),
      findHolder: () => holderOf(this.#name),
    }
  }

  #leave(state: ConnectionState): void {
    this.#alone = statusNow(state)
    const line = this.#line
    this.#line = null
    line?.stop()
    this.#stay.abort()
    this.#options.onStatus()
  }

  /** Follows the current leader, and waits to be next; if the leader hangs, takes the lock from it. */
  #follow(member: Membership, stay: AbortSignal): void {
    const status = this.#line ? statusNow('reconnecting') : this.#alone
    const waiting = new AbortController()
    const onSilence = (silent: Promise<Holder>) => {
      const take = async () => {
        const holder = await silent
        if (!holder || holder !== (await holderOf(this.#name))) return
        waiting.abort()
        await this.#lock({ steal: true }, member, stay)
      }
      // One tab at a time: whoever is next finds that the lock has another holder, and follows that one.
      navigator.locks.request(`${this.#name} next`, { signal: stay }, take).catch(() => {})
    }
    this.#line = new Follower(this.#options, { stream: this.#stream, member, status, onSilence })
    this.#line.renew()
    this.#lock({ signal: AbortSignal.any([stay, waiting.signal]) }, member, stay)
  }

  /**
   * Leads for as long as it holds the lock; resolves when it has got it, or cannot get it. A tab that hung finds the lock
   * taken when it resumes.
   */
  #lock(options: LockOptions, member: Membership, stay: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    let leader: Leader | null = null
    const lead = () => {
      resolve()
      if (stay.aborted || this.#line instanceof Leader) return
      leader = this.#lead(member)
      return endOf(stay)
    }
    const isOver = () => {
      resolve()
      if (stay.aborted || leader === null) return
      leader.stop()
      this.#follow(member, stay)
    }
    navigator.locks.request(this.#name, options, lead).catch(isOver)
    return promise
  }

  #lead(member: Membership): Leader {
    const { status } = this
    if (this.#line instanceof Follower) this.#line.retire()
    const leader = new Leader(this.#options, this.#stream, member, status)
    this.#line = leader
    this.#options.onStatus()
    leader.renew()
    return leader
  }
}

function statusNow(state: ConnectionState): ConnectionStatus {
  return { state, since: Date.now(), error: null }
}

async function holderOf(lock: string): Promise<Holder> {
  // Rejects in a document that is being put away.
  const locks = await navigator.locks.query().catch(() => null)
  return locks?.held?.find(({ name }) => name === lock)?.clientId
}

function endOf(stay: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stay.aborted) resolve()
    stay.addEventListener('abort', () => resolve())
  })
}
