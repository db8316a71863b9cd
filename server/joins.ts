import { type Change, readChanges, type Want } from '../db/changes.ts'
import type { Db } from '../db/client.ts'
import type { Epoch } from './epoch.ts'
import { Frame } from './frame.ts'
import { createLane, type Lane } from './lane.ts'
import type { Meter } from './meter.ts'
import { Pace } from './pace.ts'
import type { Place } from './sse.ts'
import type { Subscription } from './subscription.ts'
import type { Topic } from './topic.ts'
import type { Topics } from './topics.ts'

const TOPICS_A_READ = 200

interface JoinsOptions {
  db: Db
  epoch: Epoch
  topics: Topics
  meter: Meter
  onFailure: (error: unknown) => void
  onGone: (topic: Topic) => void
  /** The topic knows where it stands: what was announced meanwhile can be read. */
  onLanded: (topic: Topic) => void
}

/**
 * First pictures, and what a returning watcher missed: read together, one read for all who want the same run, and apart
 * from the patches, so that a storm of newcomers delays nobody.
 */
export class Joins {
  readonly #options: JoinsOptions
  readonly #waiting = new Set<Subscription>()
  readonly #lane: Lane
  #topicsARead = TOPICS_A_READ

  constructor(options: JoinsOptions) {
    this.#options = options
    this.#lane = createLane(() => this.#read(), options.onFailure)
  }

  add(subscription: Subscription, since: Place | null): void {
    subscription.join(since)
    this.#wait(subscription)
  }

  stop(): Promise<void> {
    return this.#lane.stop()
  }

  #wait(subscription: Subscription): void {
    this.#waiting.add(subscription)
    this.#lane.wake()
  }

  async #read(): Promise<void> {
    const { db, epoch, meter } = this.#options
    const groups = this.#take()
    if (groups.size === 0) return
    const { generation } = epoch
    const wants = [...groups].map(([topic, joining]) => wantOf(topic.run, joining))
    const read = meter.reads('snapshots', wants.length, () => readChanges(db, wants))
    const changes = await read.catch((error) => this.#putBack(groups, error))
    this.#topicsARead = TOPICS_A_READ
    if (epoch.hasChanged(changes, generation)) return
    const found = new Map(changes.map((change) => [change.run, change]))
    const pace = new Pace()
    for (const [topic, joining] of groups)
      for (const _ of this.#land(topic, joining, found.get(topic.run))) {
        if (pace.isOver) await pace.rest()
        // Another epoch has begun meanwhile: they are all waiting again.
        if (epoch.generation !== generation) return
      }
  }

  #take(): Map<Topic, Subscription[]> {
    const groups = new Map<Topic, Subscription[]>()
    for (const subscription of this.#waiting) {
      const topic = this.#options.topics.of(subscription)
      const group = topic && groups.get(topic)
      if (topic && !group && groups.size === this.#topicsARead) continue
      // Rows want no steps, and always all of the run: they are read apart, else those who come back would get all steps too.
      if (group?.[0] && isRow(group[0]) !== isRow(subscription)) continue
      this.#waiting.delete(subscription)
      if (topic) joiningOf(groups, topic).push(subscription)
    }
    if (this.#waiting.size > 0) this.#lane.wake()
    return groups
  }

  /** One at a time from now on, and these last: a run that cannot be read must not keep the others waiting. */
  #putBack(groups: Map<Topic, Subscription[]>, error: unknown): never {
    for (const joining of groups.values()) for (const subscription of joining) this.#wait(subscription)
    this.#topicsARead = 1
    throw error
  }

  /** Yields after each of them. */
  *#land(topic: Topic, joining: Subscription[], change: Change | undefined): Generator<void> {
    if (!change) {
      this.#options.onGone(topic)
      return
    }
    const { since, line } = wantOf(topic.run, joining)
    const frame = new Frame(change, {
      since,
      wasFinal: false,
      isCut: change.lines !== null && change.kind !== 'snapshot',
    })
    topic.learn(change, frame, line !== null)
    for (const subscription of joining) {
      if (subscription.run !== topic.run || subscription.state !== 'joining') continue
      // It joined anew while this was read, and what gathered before is gone: its next read is the one that suits it.
      if (this.#waiting.has(subscription)) continue
      if (subscription.accepts(change)) subscription.land(frame)
      else this.add(subscription, null)
      yield
    }
    this.#options.onLanded(topic)
  }
}

function isRow({ form }: Subscription): boolean {
  return form === 'row'
}

function joiningOf(groups: Map<Topic, Subscription[]>, topic: Topic): Subscription[] {
  const joining = groups.get(topic) ?? []
  groups.set(topic, joining)
  return joining
}

/** One question for all who join: from the oldest place that one of them has, or from nothing. */
function wantOf(run: string, joining: Subscription[]): Want {
  const places = joining.map(({ since }) => since?.revision ?? null)
  const since = places.reduce((oldest, place) => (oldest === null || place === null ? null : Math.min(oldest, place)))
  const line = joining.some(({ form }) => form === 'withLogs') ? -1 : null
  return { run, since: since ?? null, line, steps: !joining.every(isRow), row: joining.some(isRow) }
}
