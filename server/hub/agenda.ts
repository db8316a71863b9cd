import { take } from './take.ts'

/** What is to be queried: first what is news, and then what is only checked again from time to time. */
export class Agenda<T> {
  readonly #news = new Set<T>()
  readonly #afterwards = new Set<T>()

  get isEmpty(): boolean {
    return this.#news.size + this.#afterwards.size === 0
  }

  add(item: T): void {
    this.#news.add(item)
    this.#afterwards.delete(item)
  }

  addAfterwards(items: Iterable<T>): void {
    for (const item of items) if (!this.#news.has(item)) this.#afterwards.add(item)
  }

  delete(item: T): void {
    this.#news.delete(item)
    this.#afterwards.delete(item)
  }

  /** Takes what comes first, at most `most`. */
  take(most: number): T[] {
    const news = take(this.#news, most)
    return [...news, ...take(this.#afterwards, most - news.length)]
  }
}
