/**
 * Starts Postgres, and stops it when standard input ends, as it does however the parent dies, even by kill -9. It has a
 * process group of its own, so that Ctrl-C in a terminal reaches only the parent.
 */
import { spawn } from 'node:child_process'
import { closeSync, openSync, rmSync } from 'node:fs'

export interface Watched {
  command: string
  args: string[]
  log: string
  uid?: number
  gid?: number
  /** A folder to delete once Postgres has ended. */
  remove?: string
}

const SECOND = 1_000
const watched = JSON.parse(process.argv[2] ?? '') as Watched
// It quotes statements that failed, with what they were about; for root, others may enter its folder.
const log = openSync(watched.log, 'a', 0o600)
const account = watched.uid === undefined ? {} : { uid: watched.uid, gid: watched.gid }
const env = { LC_ALL: 'C' }
const postgres = spawn(watched.command, watched.args, { ...account, env, cwd: '/', stdio: ['ignore', log, log] })
closeSync(log)

postgres.on('error', (error) => {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
  process.stdin.destroy()
})
postgres.on('spawn', () => process.stdout.write(`${postgres.pid}\n`))
postgres.on('exit', (code, signal) => {
  if (watched.remove) rmSync(watched.remove, { recursive: true, force: true })
  process.exit(signal ? 1 : (code ?? 1))
})

process.stdin.on('end', stop).on('error', stop).resume()
process.stdout.on('error', () => {})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)

/** SIGINT is Postgres' fast shutdown; SIGQUIT is the immediate one, after which it recovers at its next start. */
function stop() {
  postgres.kill('SIGINT')
  setTimeout(() => postgres.kill('SIGQUIT'), 20 * SECOND).unref()
  setTimeout(() => postgres.kill('SIGKILL'), 30 * SECOND).unref()
}
