import type { ServerResponse } from 'node:http'
import { Registry } from '@prometheus-io/client'
import { z } from 'zod'
import { NEWS } from '../../db/changes.ts'
import type { Db } from '../../db/client.ts'
import type { Logger } from '../../db/logger.ts'
import { type Meter, meterIn } from '../meter.ts'
import { Epoch } from './epoch.ts'
import { Heart } from './heart.ts'
import { type Interest, Interests } from './interests.ts'
import { Joins } from './joins.ts'
import { Keys } from './keys.ts'
import { Lists } from './lists.ts'
import { Patches } from './patches.ts'
import { createPoll } from './poll.ts'
import { openStream, retryLine } from './sse.ts'
import type { Topic } from './topic.ts'
import { Topics } from './topics.ts'
import { Watcher, type WatcherOptions } from './watcher.ts'

const RETURN_WITHIN_MS = 3_000

const announcements = z.array(z.tuple([z.guid(), z.number().nullable()]).rest(z.unknown()))

export interface HubOptions {
  db: Db
  /** For reading changes of watched runs, which wait for nothing else. Default: `db`. */
  newsDb?: Db
  logger: Logger
  /** The longest that a lost notification can keep a watcher behind. */
  pollMs: number
  /** Default: a meter that nobody reads. */
  meter?: Meter
}

export interface WatchOptions extends WatcherOptions {
  /** Log lines are wanted too, for the runs that are watched on their own. */
  logs: boolean
}

/** All watchers in this process, and what they are shown. */
export class Hub {
  readonly #heart = new Heart()
  readonly #topics = new Topics()
  readonly #meter: Meter
  readonly #patches: Patches
  readonly #joins: Joins
  readonly #keys: Keys
  readonly #lists: Lists
  readonly #interests: Interests
  readonly #poll: { stop(): Promise<void> }
  #stopped = false

  constructor({ db, newsDb = db, logger, pollMs, meter = meterIn(new Registry()) }: HubOptions) {
    this.#meter = meter
    const topics = this.#topics
    const epoch = new Epoch(() => this.#startOver())
    const onFailure = (error: unknown) =>
      logger.warn({ err: error }, 'the watched runs could not be read; trying again')
    const onGone = (topic: Topic) => this.#end(topic)
    const patches = new Patches({ db: newsDb, epoch, meter, onFailure, onGone })
    this.#patches = patches
    const joins = new Joins({
      db,
      epoch,
      topics,
      meter,
      onFailure,
      onGone,
      onLanded: (topic) => patches.catchUp(topic),
    })
    this.#joins = joins
    const keys = new Keys({
      db,
      onFailure,
      follow: (subscription, run, view) => this.#interests.follow(subscription, { run, view, since: null }),
    })
    this.#keys = keys
    const lists = new Lists({ db, isWatched: (run) => topics.get(run) !== undefined, onFailure })
    this.#lists = lists
    this.#interests = new Interests({ topics, joins, keys, lists, onFailure })
    this.#poll = createPoll({
      db,
      epoch,
      topics,
      patches,
      meter,
      pollMs,
      onFailure,
      onGone,
      onRound: () => this.#resolve(),
    })
  }

  /** Takes a notification as the database wrote it. Notifications that are not ours are ignored. */
  notified(payload: unknown): void {
    const { data = [] } = announcements.safeParse(payload)
    for (const [run, revision, news] of data) {
      const topic = this.#topics.get(run)
      if (topic) this.#patches.announce(topic, revision ?? undefined)
      if (news === NEWS.inserted) this.#keys.inserted(run)
      // A deletion concerns the lists too, but only after the watchers of the run have been told: see #end.
      if (news !== undefined) this.#lists.changed(run, news)
    }
  }

  /** Notifications may have been lost: everything watched is read again. */
  recheck(): void {
    for (const topic of this.#topics.all()) this.#patches.announce(topic)
    this.#resolve()
  }

  /** Takes over a response that has not begun. The caller has checked that the watcher may see what it requests. */
  watch(res: ServerResponse, interests: Interest[], options: WatchOptions): void {
    openStream(res)
    const watcher = new Watcher(res, options)
    if (this.#stopped) watcher.end(retryLine(RETURN_WITHIN_MS))
    if (watcher.closed) return
    this.#meter.watches(1)
    this.#heart.add(watcher)
    const forget = this.#interests.begin(watcher, interests, options.logs ? 'withLogs' : 'plain')
    watcher.onClose = () => {
      this.#meter.watches(-1)
      this.#heart.remove(watcher)
      forget()
    }
  }

  /** Ends every stream with a line that tells its client when to reconnect. Resolves when no read is under way. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#heart.stop()
    for (const watcher of this.#heart.all()) watcher.end(retryLine(RETURN_WITHIN_MS))
    await Promise.all([
      this.#poll.stop(),
      this.#keys.stop(),
      this.#lists.stop(),
      this.#joins.stop(),
      this.#patches.stop(),
    ])
  }

  /** Ends a topic. An older run may now be the newest under its key, or belong to a list. */
  #end(topic: Topic): void {
    const keys = [...topic.subscriptions].flatMap(({ key }) => key ?? [])
    this.#topics.end(topic)
    for (const key of keys) this.#keys.ask(key)
    this.#lists.changed(topic.run)
  }

  /** Finds out again which runs the keys and the lists stand for. */
  #resolve(): void {
    this.#keys.recheck()
    this.#lists.recheck()
  }

  /** A new epoch: nothing that the watchers have can be trusted. A stale subscription joins again by itself. */
  #startOver(): void {
    for (const topic of this.#topics.all()) {
      topic.forget()
      for (const subscription of topic.subscriptions) {
        if (subscription.state !== 'stale') this.#joins.add(subscription, null)
      }
    }
  }
}
