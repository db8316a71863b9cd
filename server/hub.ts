import type { ServerResponse } from 'node:http'
import { Registry } from '@prometheus-io/client'
import { z } from 'zod'
import type { Db } from '../db/client.ts'
import type { Logger } from '../db/logger.ts'
import { Epoch } from './epoch.ts'
import { Joins } from './joins.ts'
import { Keys } from './keys.ts'
import { type Meter, meterIn } from './meter.ts'
import { Patches } from './patches.ts'
import { createPoll } from './poll.ts'
import { openStream, type Place, retryLine } from './sse.ts'
import { type Key, Subscription } from './subscription.ts'
import type { Topic } from './topic.ts'
import { Topics } from './topics.ts'
import { Watcher, type WatcherOptions } from './watcher.ts'

const BEAT_MS = 15_000
const RETURN_WITHIN_MS = 3_000

const announcements = z.array(z.tuple([z.string(), z.number().nullable()]).rest(z.unknown()))

export interface HubOptions {
  db: Db
  logger: Logger
  /** The longest that a lost notification can keep a watcher behind. */
  pollMs: number
  /** Default: one that nobody reads. */
  meter?: Meter
}

/** What one stream follows. `absent`: the id of a run that does not exist for this watcher. */
export type Interest = { run: string; since: Place | null } | { key: Key } | { absent: string }

/** Everyone who watches anything in this process, and what they are shown. */
export class Hub {
  readonly #watchers = new Set<Watcher>()
  readonly #topics = new Topics()
  readonly #meter: Meter
  readonly #patches: Patches
  readonly #joins: Joins
  readonly #keys: Keys
  readonly #poll: { stop(): Promise<void> }
  readonly #beat: NodeJS.Timeout
  #stopped = false

  constructor({ db, logger, pollMs, meter = meterIn(new Registry()) }: HubOptions) {
    this.#meter = meter
    const topics = this.#topics
    const epoch = new Epoch(() => this.#startOver())
    const onFailure = (error: unknown) =>
      logger.warn({ err: error }, 'the watched runs could not be read; trying again')
    const onGone = (topic: Topic) => this.#end(topic)
    const patches = new Patches({ db, epoch, meter, onFailure, onGone })
    this.#patches = patches
    this.#joins = new Joins({
      db,
      epoch,
      topics,
      meter,
      onFailure,
      onGone,
      onLanded: (topic) => patches.catchUp(topic),
    })
    this.#keys = new Keys({ db, onFailure, follow: (subscription, run) => this.#follow(subscription, run, null) })
    this.#poll = createPoll({ db, epoch, topics, patches, meter, keys: this.#keys, pollMs, onFailure, onGone })
    this.#beat = setInterval(() => this.#beatAll(), BEAT_MS).unref()
  }

  /** A notification, as the database wrote it. What is not one of ours is ignored. */
  notified(payload: unknown): void {
    const { data = [] } = announcements.safeParse(payload)
    for (const [run, revision, inserted] of data) {
      if (inserted === 1) this.#keys.wake()
      const topic = this.#topics.get(run)
      if (topic) this.#patches.announce(topic, revision ?? undefined)
    }
  }

  /** Notifications may have been lost: everything watched is read again. */
  recheck(): void {
    for (const topic of this.#topics.all()) this.#patches.announce(topic)
    this.#keys.wake()
  }

  /** Takes over a response that has not begun. The caller has made sure that the watcher may see what it asks for. */
  watch(res: ServerResponse, interests: Interest[], options: WatcherOptions): void {
    openStream(res)
    const watcher = new Watcher(res, options)
    if (this.#stopped) watcher.end(retryLine(RETURN_WITHIN_MS))
    if (watcher.closed) return
    const begun = interests.map((interest) => ({ interest, subscription: this.#subscribe(interest, watcher) }))
    this.#watchers.add(watcher)
    this.#meter.watches(1)
    res.on('close', () => this.#forget(watcher, begun))
    watcher.expect(begun.length)
    for (const { interest, subscription } of begun) this.#begin(subscription, interest)
  }

  /** Every stream ends, with a line that tells its client when to come back. Resolves when no read is under way. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#beat)
    for (const watcher of this.#watchers) watcher.end(retryLine(RETURN_WITHIN_MS))
    await Promise.all([this.#poll.stop(), this.#keys.stop(), this.#joins.stop(), this.#patches.stop()])
  }

  #subscribe(interest: Interest, watcher: Watcher): Subscription {
    const key = 'key' in interest ? interest.key : null
    return new Subscription(watcher, key, (subscription) => this.#joins.add(subscription, null))
  }

  #begin(subscription: Subscription, interest: Interest): void {
    if ('absent' in interest) subscription.leave('not-found', interest.absent)
    else if ('key' in interest) this.#keys.add(subscription, interest.key)
    else this.#follow(subscription, interest.run, interest.since)
  }

  // Registered first, read afterwards: whatever happens meanwhile gathers in the subscription.
  #follow(subscription: Subscription, run: string, since: Place | null): void {
    this.#topics.enter(subscription, run)
    this.#joins.add(subscription, since)
  }

  #forget(watcher: Watcher, begun: { subscription: Subscription }[]): void {
    this.#watchers.delete(watcher)
    this.#meter.watches(-1)
    for (const { subscription } of begun) {
      this.#topics.leave(subscription)
      this.#keys.remove(subscription)
    }
  }

  /** An older run may be the newest under its key now. */
  #end(topic: Topic): void {
    this.#topics.end(topic)
    this.#keys.wake()
  }

  /** Another epoch: nothing that the watchers have can be trusted. A stale one joins again by itself. */
  #startOver(): void {
    for (const topic of this.#topics.all()) {
      topic.forget()
      for (const subscription of topic.subscriptions) {
        if (subscription.state !== 'stale') this.#joins.add(subscription, null)
      }
    }
  }

  #beatAll(): void {
    for (const watcher of this.#watchers) watcher.beat()
  }
}
