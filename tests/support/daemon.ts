import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Watched } from '../../cli/postgres/watchdog.ts'
import { untilListens } from './port.ts'

export interface Daemon {
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Starts a server program that stays in the foreground; resolves when it listens. The watchdog of the embedded Postgres works
 * for any program: it ends it however this process ends.
 */
export async function startDaemon(task: Watched, port: number): Promise<Daemon> {
  const script = fileURLToPath(new URL('../../cli/postgres/watchdog.ts', import.meta.url))
  const args = ['--no-warnings', script, JSON.stringify(task)]
  const watchdog = spawn(process.execPath, args, { cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'inherit'] })
  const ended = once(watchdog, 'exit')
  const stop = async () => {
    watchdog.stdin.end()
    await ended
  }
  await untilListens(port, ended)
  if (watchdog.exitCode === null && watchdog.signalCode === null) return { stop, [Symbol.asyncDispose]: stop }
  throw new Error(`${task.command} did not start. Its log:\n${await readFile(task.log, 'utf8')}`)
}
