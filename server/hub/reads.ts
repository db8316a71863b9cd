import { createLane, type Lane } from './lane.ts'
import { take } from './take.ts'
import type { Topic } from './topic.ts'

const TOPICS_A_READ = 200

interface ReadsOptions {
  /** Never called with a topic that another call is still reading. */
  read: (topics: Topic[]) => Promise<void>
  onFailure: (error: unknown) => void
}

interface Queue {
  readonly waiting: Set<Topic>
  readonly lane: Lane
  /** How many topics a read takes now: after a failed read half as many as it had, after a good one twice as many. */
  size: number
}

/**
 * The topics that wait to be read, some at a time. The topics of a failed read are read apart from all others until
 * that succeeds, fewer and fewer at once: what takes too long together is read in parts, and a topic that cannot be
 * read delays no other.
 */
export class Reads {
  readonly #options: ReadsOptions
  readonly #first: Queue
  readonly #again: Queue
  /** Topics whose last read failed. */
  readonly #failed = new WeakSet<Topic>()

  constructor(options: ReadsOptions) {
    this.#options = options
    this.#first = this.#open()
    this.#again = this.#open()
  }

  add(topic: Topic): void {
    wait(this.#failed.has(topic) ? this.#again : this.#first, topic)
  }

  async stop(): Promise<void> {
    await Promise.all([this.#first.lane.stop(), this.#again.lane.stop()])
  }

  #open(): Queue {
    const lane = createLane(() => this.#advance(queue), this.#options.onFailure)
    const queue: Queue = { waiting: new Set(), lane, size: TOPICS_A_READ }
    return queue
  }

  async #advance(queue: Queue): Promise<void> {
    const topics = take(queue.waiting, queue.size)
    if (queue.waiting.size > 0) queue.lane.wake()
    if (topics.length === 0) return
    await this.#options.read(topics).catch((error) => {
      queue.size = Math.ceil(topics.length / 2)
      for (const topic of topics) this.#setApart(topic)
      throw error
    })
    queue.size = Math.min(TOPICS_A_READ, 2 * queue.size)
    for (const topic of topics) this.#takeBack(topic)
  }

  /** Queues the topic behind those that failed before it, so that each of them gets its turn. */
  #setApart(topic: Topic): void {
    this.#failed.add(topic)
    this.#first.waiting.delete(topic)
    wait(this.#again, topic)
  }

  #takeBack(topic: Topic): void {
    if (this.#failed.delete(topic) && this.#again.waiting.delete(topic)) wait(this.#first, topic)
  }
}

function wait({ waiting, lane }: Queue, topic: Topic): void {
  waiting.add(topic)
  lane.wake()
}
