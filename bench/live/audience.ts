import type { ChildProcess } from 'node:child_process'
import type { Stage } from '../stage.ts'
import { hear } from './hear.ts'

/** All watchers of one server, in processes of their own. */
export class Audience {
  readonly #processes: ChildProcess[]

  private constructor(processes: ChildProcess[]) {
    this.#processes = processes
  }

  /** Starts one watcher per path; resolves when all have been admitted and have received their first snapshot. */
  static async gather(stage: Stage, url: string, paths: string[], processes = 1): Promise<Audience> {
    const forked = Array.from({ length: processes }, () => stage.fork(new URL('./watchers.ts', import.meta.url), url))
    const audience = new Audience((await Promise.all(forked)).map(({ child }) => child))
    await audience.#ask((place) => paths.filter((_, index) => index % processes === place))
    return audience
  }

  /** Sorted milliseconds from the report to the last byte at each watcher, since the last call. */
  async take(): Promise<number[]> {
    const taken = await this.#ask(() => 'take')
    return taken.flat().sort((a, b) => a - b)
  }

  #ask(messageFor: (place: number) => string | string[]): Promise<number[][]> {
    const answers = this.#processes.map((child, place) => {
      const answered = hear(child, (message): message is number[] => Array.isArray(message))
      child.send(messageFor(place))
      return answered
    })
    return Promise.all(answers)
  }
}
