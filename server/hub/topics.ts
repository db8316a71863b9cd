import type { Subscription } from './subscription.ts'
import { Topic } from './topic.ts'

/** The runs that are being watched, and by whom: a topic exists as long as it has a subscription. */
export class Topics {
  readonly #byRun = new Map<string, Topic>()

  get(run: string): Topic | undefined {
    return this.#byRun.get(run)
  }

  of({ run }: Subscription): Topic | undefined {
    return run === null ? undefined : this.#byRun.get(run)
  }

  all(): Topic[] {
    return [...this.#byRun.values()]
  }

  enter(subscription: Subscription, run: string): void {
    this.leave(subscription)
    const topic = this.#byRun.get(run) ?? new Topic(run)
    this.#byRun.set(run, topic)
    topic.add(subscription)
    subscription.run = run
  }

  leave(subscription: Subscription): void {
    const topic = this.of(subscription)
    topic?.remove(subscription)
    if (topic?.subscriptions.size === 0) this.#byRun.delete(topic.run)
    subscription.run = null
  }

  /** The run does not exist (any more): tells all its subscriptions. */
  end(topic: Topic): void {
    if (this.#byRun.get(topic.run) !== topic) return
    this.#byRun.delete(topic.run)
    const reason = topic.revision === null ? 'not-found' : 'deleted'
    for (const subscription of topic.subscriptions) subscription.leave(reason, topic.run)
    topic.subscriptions.clear()
  }
}
