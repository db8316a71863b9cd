import { type Change, readChanges, type Want } from '../../db/changes.ts'
import type { Db } from '../../db/client.ts'
import type { Meter } from '../meter.ts'
import type { Epoch } from './epoch.ts'
import { Frame } from './frame.ts'
import { Pace } from './pace.ts'
import { Reads } from './reads.ts'
import type { Place } from './sse.ts'
import type { Reached, Subscription } from './subscription.ts'
import type { Topic } from './topic.ts'
import type { Topics } from './topics.ts'
import type { Watcher } from './watcher.ts'

/** The most of one slow watcher's runs in a read: each brings all that it missed, and most would be dropped again. */
const SLOW_A_READ = 8

interface JoinsOptions {
  db: Db
  epoch: Epoch
  topics: Topics
  meter: Meter
  onFailure: (error: unknown) => void
  onGone: (topic: Topic) => void
  /** The topic now knows its revision: what was announced meanwhile can be read. */
  onLanded: (topic: Topic) => void
}

/**
 * First snapshots, and what returning watchers missed: read in batches, once for all who want the same run, and apart
 * from the patches, so that a storm of newcomers delays nobody.
 */
export class Joins {
  readonly #options: JoinsOptions
  readonly #waiting = new Set<Subscription>()
  readonly #reads: Reads

  constructor(options: JoinsOptions) {
    this.#options = options
    this.#reads = new Reads({ read: (topics) => this.#read(topics), onFailure: options.onFailure })
  }

  add(subscription: Subscription, since: Place | null): void {
    subscription.join(since)
    this.#wait(subscription)
  }

  stop(): Promise<void> {
    return this.#reads.stop()
  }

  #wait(subscription: Subscription): void {
    const topic = this.#options.topics.of(subscription)
    if (!topic) return
    this.#waiting.add(subscription)
    this.#reads.add(topic)
  }

  async #read(topics: Topic[]): Promise<void> {
    const { db, epoch, meter } = this.#options
    const groups = this.#take(new Set(topics))
    if (groups.size === 0) return
    const { generation } = epoch
    const wants = [...groups].map(([topic, joining]) => wantOf(topic.run, joining))
    const read = meter.reads('snapshots', wants.length, () => readChanges(db, wants))
    const changes = await read.catch((error) => {
      for (const joining of groups.values()) for (const subscription of joining) this.#wait(subscription)
      throw error
    })
    if (epoch.hasChanged(changes, generation)) return
    const found = new Map(changes.map((change) => [change.run, change]))
    const pace = new Pace()
    for (const [topic, joining] of groups)
      for (const _ of this.#land(topic, joining, found.get(topic.run))) {
        if (pace.isOver) await pace.rest()
        // A new epoch has begun meanwhile: all of them are waiting again.
        if (epoch.generation !== generation) return
      }
  }

  /** Takes the subscriptions that wait for these topics. */
  #take(topics: Set<Topic>): Map<Topic, Subscription[]> {
    const groups = new Map<Topic, Subscription[]>()
    const slow = new Map<Watcher, number>()
    for (const subscription of [...this.#waiting]) {
      const topic = this.#options.topics.of(subscription)
      if (topic && !topics.has(topic)) continue
      this.#waiting.delete(subscription)
      if (!topic) continue
      const [first = subscription] = groups.get(topic) ?? []
      if (!subscription.watcher.hasRoom()) subscription.miss()
      else if (!isReadWith(first, subscription) || isOneTooMany(slow, subscription)) this.#wait(subscription)
      else joiningOf(groups, topic).push(subscription)
    }
    return groups
  }

  /** Yields after each subscription. */
  *#land(topic: Topic, joining: Subscription[], change: Change | undefined): Generator<void> {
    if (!change) {
      this.#options.onGone(topic)
      return
    }
    if (change.kind === 'unread') {
      for (const subscription of joining) this.#wait(subscription)
      return
    }
    const { since, line } = wantOf(topic.run, joining)
    const before = joining[0]?.since?.log?.before ?? since
    const frame = new Frame(change, { since: before, wasFinal: false, after: line })
    const isThere = topic.learn(change, frame)
    const { epoch, revision } = change
    const reached = isThere ? null : { epoch, revision, log: { line: change.line, before: frame.before } }
    for (const subscription of joining) {
      if (this.#options.topics.of(subscription) !== topic || subscription.state !== 'joining') continue
      // It joined again during this read, and what it had collected before is gone: its next read will suit it.
      if (this.#waiting.has(subscription)) continue
      if (!subscription.accepts(change)) this.add(subscription, null)
      else if (reached && subscription.form === 'withLogs') this.#readOn(subscription, frame, reached)
      else subscription.land(frame)
      yield
    }
    this.#options.onLanded(topic)
  }

  #readOn(subscription: Subscription, frame: Frame, reached: Reached): void {
    subscription.readOn(frame, reached)
    if (subscription.state === 'joining') this.#wait(subscription)
  }
}

/**
 * Whether two subscriptions can share a read. Rows want no steps, and always the whole run: they are read apart, else
 * returning watchers would get all steps too. Newcomers are read apart: they get the latest lines of the log, returning
 * watchers all that they missed. A subscription that reads on is read with those that are exactly as far.
 */
function isReadWith(one: Subscription, other: Subscription): boolean {
  if (one.since?.log || other.since?.log) return one.since === other.since
  return isRow(one) === isRow(other) && (one.since === null) === (other.since === null)
}

/** Counts the subscriptions of slow watchers. */
function isOneTooMany(slow: Map<Watcher, number>, { watcher, isSlow }: Subscription): boolean {
  const taken = slow.get(watcher) ?? 0
  if (isSlow) slow.set(watcher, taken + 1)
  return isSlow && taken >= SLOW_A_READ
}

function isRow({ form }: Subscription): boolean {
  return form === 'row'
}

function joiningOf(groups: Map<Topic, Subscription[]>, topic: Topic): Subscription[] {
  const joining = groups.get(topic) ?? []
  groups.set(topic, joining)
  return joining
}

/** One query for all that join: from the oldest of their places, or from nothing if they have none. */
function wantOf(run: string, joining: Subscription[]): Want {
  const since = joining.reduce(
    (oldest, { since }) => Math.min(oldest, since?.revision ?? oldest),
    Number.POSITIVE_INFINITY,
  )
  const line = joining.some(({ form }) => form === 'withLogs') ? (joining[0]?.since?.log?.line ?? -1) : null
  return {
    run,
    since: Number.isFinite(since) ? since : null,
    line,
    steps: !joining.every(isRow),
    row: joining.some(isRow),
  }
}
