import type { ChildProcess } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import { migrate } from '../../db/migrate.ts'
import { type Measurement, measured, percentile } from '../measurement.ts'
import { kill, Stage } from '../stage.ts'

const KILLS = 30
const STALLS = 3
/** Two heartbeats: a worker is harmed at any moment between them. */
const MOMENT_MS = 1_000

/** A handler that has begun; `at` is the machine's monotonic clock in milliseconds. */
interface Begun {
  worker: ChildProcess
  at: number
}

/** Measures the time from the harm of a worker until its step runs again in another process. */
export async function* failover(): AsyncGenerator<Measurement> {
  await using stage = await Stage.open()
  const url = await stage.postgres()
  await migrate(url)
  const pair = await Pair.begin(stage, url)
  const killed = await pair.measure(KILLS, (worker) => worker.kill('SIGKILL'))
  yield measured('failover/kill/p50', percentile(killed, 0.5), 'ms')
  yield measured('failover/kill/max', percentile(killed, 1), 'ms')
  const paused = await pair.measure(STALLS, (worker) => worker.kill('SIGSTOP'))
  yield measured('failover/pause/max', percentile(paused, 1), 'ms')
  const blocked = await pair.measure(STALLS, (worker) => worker.send('block'))
  yield measured('failover/block/max', percentile(blocked, 1), 'ms')
}

/** Two workers; one that was harmed is replaced. */
class Pair {
  readonly #stage: Stage
  readonly #url: string
  readonly #client: Client
  /** An event under a run's key whenever a handler of that run begins. */
  readonly #begun = new EventEmitter()
  #runs = 0

  private constructor(stage: Stage, url: string, client: Client) {
    this.#stage = stage
    this.#url = url
    this.#client = client
  }

  static async begin(stage: Stage, url: string): Promise<Pair> {
    const pair = new Pair(stage, url, await stage.connect(url))
    await pair.#addWorker()
    await pair.#addWorker()
    return pair
  }

  /** Returns sorted milliseconds, one value for each time that a worker was harmed. */
  async measure(times: number, harm: (worker: ChildProcess) => void): Promise<number[]> {
    const taken: number[] = []
    for (let time = 0; time < times; time++) taken.push(await this.#measureOnce(harm))
    return taken.sort((a, b) => a - b)
  }

  async #measureOnce(harm: (worker: ChildProcess) => void): Promise<number> {
    const key = `run ${++this.#runs}`
    const first = this.#next(key)
    await this.#client.query(`select stepcast.start_run('bench', key => $1)`, [key])
    const { worker } = await first
    const again = this.#next(key)
    await sleep(Math.random() * MOMENT_MS)
    const at = now()
    harm(worker)
    const second = await again
    if (second.worker === worker) throw new Error(`${key} began again in the process that was harmed`)
    await kill(worker)
    second.worker.send(key)
    await this.#addWorker()
    return second.at - at
  }

  async #next(key: string): Promise<Begun> {
    const [begun] = await once(this.#begun, key)
    return begun
  }

  async #addWorker(): Promise<void> {
    const { child } = await this.#stage.fork(new URL('./worker.ts', import.meta.url), this.#url)
    child.on('message', ({ key, at }: { key: string; at: number }) => this.#begun.emit(key, { worker: child, at }))
  }
}

function now(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
