import type { View } from '../access/access.ts'
import { Follower, type ListInterest } from './follower.ts'
import type { Joins } from './joins.ts'
import type { Keys } from './keys.ts'
import type { Lists } from './lists.ts'
import { Rows } from './rows.ts'
import type { Place } from './sse.ts'
import { type Form, type Key, Subscription } from './subscription.ts'
import type { Topics } from './topics.ts'
import type { Watcher } from './watcher.ts'

/** A run and how much of it is seen. `since`: what the watcher has; null: nothing. */
export interface Watched {
  run: string
  view: View
  since: Place | null
}

type Single = Watched | { key: Key } | { absent: string }
interface Listing {
  list: ListInterest
}

/** What one stream follows. `absent`: the id of a run that does not exist for this watcher. */
export type Interest = Single | Listing

interface InterestsOptions {
  topics: Topics
  joins: Joins
  keys: Keys
  lists: Lists
  onFailure: (error: unknown) => void
}

/** Starts to follow what a stream is interested in. */
export class Interests {
  readonly #options: InterestsOptions

  constructor(options: InterestsOptions) {
    this.#options = options
  }

  /** `: ready` follows when all of it is shown. Returns a function that ends it. */
  begin(watcher: Watcher, interests: Interest[], form: Form): () => void {
    watcher.expect(interests.length + 1)
    const lists = interests.filter(isListing)
    const subscriptions = interests.filter(isSingle).map((interest) => this.#subscribe(interest, watcher, form))
    const hide = lists.length > 0 ? this.#show(lists, watcher) : null
    watcher.settled()
    return () => {
      for (const subscription of subscriptions) this.#unsubscribe(subscription)
      hide?.()
    }
  }

  // Registered first, read afterwards: what happens meanwhile is collected in the subscription.
  follow(subscription: Subscription, { run, view, since }: Watched): void {
    subscription.view = view
    this.#options.topics.enter(subscription, run)
    this.#options.joins.add(subscription, since)
  }

  #show(interests: Listing[], watcher: Watcher): () => void {
    const { topics, lists, onFailure } = this.#options
    const follow = (subscription: Subscription, run: string, view: View) =>
      this.follow(subscription, { run, view, since: null })
    const rows = new Rows(watcher, { topics, follow, rejoin: this.#rejoin })
    const onShort = (follower: Follower) => lists.deepen(follower)
    const followers = interests.map(({ list }) => new Follower(list, rows, { onShort, onFailure }))
    for (const follower of followers) lists.add(follower)
    return () => {
      for (const follower of followers) lists.remove(follower)
      rows.end()
    }
  }

  #subscribe(interest: Single, watcher: Watcher, form: Form): Subscription {
    const key = 'key' in interest ? interest.key : null
    const subscription = new Subscription(watcher, { form, key, rejoin: this.#rejoin })
    if ('absent' in interest) subscription.leave('not-found', interest.absent)
    else if ('run' in interest) this.follow(subscription, interest)
    else this.#options.keys.add(subscription, interest.key)
    return subscription
  }

  #unsubscribe(subscription: Subscription): void {
    this.#options.topics.leave(subscription)
    this.#options.keys.remove(subscription)
  }

  #rejoin = (subscription: Subscription): void => this.#options.joins.add(subscription, null)
}

function isListing(interest: Interest): interest is Listing {
  return 'list' in interest
}

function isSingle(interest: Interest): interest is Single {
  return !isListing(interest)
}
