import { type Change, readChanges } from '../../db/changes.ts'
import type { Db } from '../../db/client.ts'
import type { Meter } from '../meter.ts'
import type { Epoch } from './epoch.ts'
import { Pace } from './pace.ts'
import { Reads } from './reads.ts'
import type { Topic } from './topic.ts'

interface PatchesOptions {
  db: Db
  epoch: Epoch
  meter: Meter
  onFailure: (error: unknown) => void
  onGone: (topic: Topic) => void
}

/**
 * The hot path: one query for all runs that changed (up to 200). Each is serialised once, and the same bytes go to all
 * its watchers.
 */
export class Patches {
  readonly #options: PatchesOptions
  readonly #reads: Reads

  constructor(options: PatchesOptions) {
    this.#options = options
    this.#reads = new Reads({ read: (topics) => this.#read(topics), onFailure: options.onFailure })
  }

  /** Without a revision: read the run in any case. */
  announce(topic: Topic, revision?: number): void {
    topic.announce(revision)
    this.catchUp(topic)
  }

  catchUp(topic: Topic): void {
    if (topic.isBehind) this.#reads.add(topic)
  }

  stop(): Promise<void> {
    return this.#reads.stop()
  }

  async #read(waiting: Topic[]): Promise<void> {
    const { db, epoch, meter } = this.#options
    const topics = waiting.filter((topic) => topic.isBehind && topic.subscriptions.size > 0)
    if (topics.length === 0) return
    const { generation } = epoch
    const wants = topics.map((topic) => topic.takeWant())
    const read = meter.reads('changes', wants.length, () => readChanges(db, wants))
    const changes = await read.catch((error) => {
      for (const topic of topics) topic.announce()
      throw error
    })
    if (epoch.hasChanged(changes, generation)) return
    await this.#spread(topics, new Map(changes.map((change) => [change.run, change])), generation)
  }

  /** Stops early if a new epoch begins meanwhile: then every subscription joins again. */
  async #spread(topics: Topic[], changes: Map<string, Change>, generation: number): Promise<void> {
    const { epoch, onGone } = this.#options
    const pace = new Pace()
    for (const topic of topics) {
      const change = changes.get(topic.run)
      if (!change) onGone(topic)
      else if (change.kind === 'unread') topic.announce()
      else
        for (const _ of topic.spread(change)) {
          if (pace.isOver) await pace.rest()
          if (epoch.generation !== generation) return
        }
      this.catchUp(topic)
    }
  }
}
