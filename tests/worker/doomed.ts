/**
 * A worker process that dies at a named point, or stops there. Arguments: database, signal, point, step (or `-`).
 * It says `ready`, and `there` just before.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'
import { writeSync } from 'node:fs'
import type { Point, Reached } from '../../worker/points.ts'
import { startWorker } from '../../worker/start.ts'
import { failing, ledgered } from './ledger.ts'

/** The exit code of a worker that was declared dead. */
export const DECLARED_DEAD = 7

export interface Doom {
  signal: 'SIGKILL' | 'SIGSTOP'
  point: Point
  step?: string
}

/** Resolves when it is ready for jobs. Rejects when it ends before. */
export async function forkDoomed(url: string, { signal, point, step = '-' }: Doom): Promise<ChildProcess> {
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'] as const
  const child = fork(new URL(import.meta.url), [url, signal, point, step], { stdio: [...stdio] })
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve())
    child.once('exit', (code, signal) => reject(new Error(`It ended with ${signal ?? code} before it was ready.`)))
  })
  return child
}

/** Resolves when it has come to its point: it says so on a pipe, which works at once, as a signal does. */
export function there(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.stdio[4]?.once('data', () => resolve()))
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [url = '', signal, point, step] = process.argv.slice(2)
  process.on('disconnect', () => process.exit())
  let isDone = false
  subscribe('stepcast:point', (message) => {
    const reached = message as Reached
    if (isDone || reached.point !== point || (step !== '-' && reached.step !== step)) return
    isDone = true
    writeSync(4, 'there')
    process.kill(process.pid, signal)
  })
  const worker = await startWorker({ workflows: [ledgered, failing], databaseUrl: url })
  worker.done.catch(() => process.exit(DECLARED_DEAD))
  process.send?.('ready')
}
