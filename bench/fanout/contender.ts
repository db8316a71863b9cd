import type { ChildProcess } from 'node:child_process'
import { Audience } from '../live/audience.ts'
import { beginRuns, beginServer, pathOf } from '../live/stepcast.ts'
import { askUsage, type Usage } from '../live/usage.ts'
import { createDatabase } from '../load/databases.ts'
import type { Stage } from '../stage.ts'

const RUNS = 100
const CLIENT_PROCESSES = 2

/** A database, a worker, a server and its watchers. */
export interface Contender {
  worker: ChildProcess
  server: ChildProcess
  audience: Audience
  /** The usage of the server before anyone watched. */
  empty: Usage
}

export const ours = beginServer

/** A bare loop in place of our server. */
export async function bare(stage: Stage, url: string): ReturnType<typeof beginServer> {
  const { child, message } = await stage.fork(new URL('./bare-server.ts', import.meta.url), url)
  return { server: child, address: message }
}

/** Begins on a cluster; the watchers are spread evenly over a hundred runs. */
export async function begin(
  stage: Stage,
  cluster: string,
  watchers: number,
  serve: typeof beginServer,
): Promise<Contender> {
  const url = await createDatabase(cluster)
  const { worker, runs } = await beginRuns(stage, url, RUNS)
  const { server, address } = await serve(stage, url)
  const empty = await askUsage(server)
  const paths = Array.from({ length: watchers }, (_, n) => pathOf(runs[n % RUNS] ?? ''))
  return { worker, server, empty, audience: await Audience.gather(stage, address, paths, CLIENT_PROCESSES) }
}
