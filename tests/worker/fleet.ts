import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { heard } from './ledger.ts'

/** Worker processes of chaotic workflows. Who ends, killed or by itself, is started again, as a supervisor would. */
export class Fleet {
  readonly #databaseUrl: string
  readonly #workers = new Set<ChildProcess>()
  #isOver = false

  constructor(databaseUrl: string) {
    this.#databaseUrl = databaseUrl
  }

  async grow(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.#start()))
  }

  async #start(): Promise<void> {
    const worker = fork(new URL('./chaotic.ts', import.meta.url), [this.#databaseUrl])
    this.#workers.add(worker)
    worker.once('exit', () => {
      this.#workers.delete(worker)
      if (!this.#isOver) void this.#start()
    })
    await heard(worker, 'ready')
  }

  /** One at random. */
  killOne(): void {
    const all = [...this.#workers]
    all[Math.floor(Math.random() * all.length)]?.kill('SIGKILL')
  }

  async end(): Promise<void> {
    this.#isOver = true
    for (const worker of this.#workers) {
      worker.kill('SIGKILL')
      await once(worker, 'exit')
    }
  }
}
