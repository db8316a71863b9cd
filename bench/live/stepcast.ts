import type { ChildProcess } from 'node:child_process'
import { migrate } from '../../db/migrate.ts'
import type { Stage } from '../stage.ts'
import { hearWord } from './hear.ts'
import type { Order } from './steadily.ts'

/** A worker whose runs all have a running step. */
export interface Live {
  worker: ChildProcess
  /** The runs' ids. */
  runs: string[]
}

/** Migrates a database, then starts a worker and this many runs of one step; resolves when every handler has begun. */
export async function beginRuns(stage: Stage, url: string, count: number, script = WORKER): Promise<Live> {
  await migrate(url)
  const { child } = await stage.fork(script, url, String(count))
  const client = await stage.connect(url)
  const begun = hearWord(child, 'all began')
  const { rows } = await client.query<{ id: string }>(
    `select stepcast.start_run('bench', jsonb_build_object('n', n)) as id from generate_series(1, $1::integer) n`,
    [count],
  )
  await begun
  return { worker: child, runs: rows.map(({ id }) => id) }
}

const WORKER = new URL('./worker.ts', import.meta.url)

/** Starts a server in a process of its own; resolves with that process and the server's address. */
export async function beginServer(stage: Stage, url: string): Promise<{ server: ChildProcess; address: string }> {
  const { child, message } = await stage.fork(new URL('./server.ts', import.meta.url), url)
  return { server: child, address: message }
}

/** Resolves a moment after the last report. */
export async function order(worker: ChildProcess, what: Order): Promise<void> {
  const done = hearWord(worker, 'done')
  worker.send(what)
  await done
}

export function pathOf(run: string): string {
  return `/runs/${run}/events`
}
