import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { useYourOwn } from '../failure.ts'

const SECOND = 1_000

export interface Postmaster {
  pid: number
  port: number
  ready: boolean
}

/** The content of `data/postmaster.pid`, or null if there is none. The process may have ended long ago. */
export async function readPostmaster(folder: string): Promise<Postmaster | null> {
  const text = await readFile(join(folder, 'data/postmaster.pid'), 'utf8').catch(() => '')
  const lines = text.split('\n')
  if (!lines[0]) return null
  return { pid: Number(lines[0]), port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' }
}

/** The process that started the Postgres in `folder`, if both are alive. */
export async function findOwner(folder: string): Promise<number | null> {
  const postmaster = await readPostmaster(folder)
  if (!postmaster || !(await isPostgres(postmaster.pid))) return null
  const options = await readFile(join(folder, 'data/postmaster.opts'), 'utf8').catch(() => '')
  const owner = Number(options.match(OWNER)?.[1])
  return owner && isAlive(owner) ? owner : null
}

/**
 * Marks a Postgres with its owner in its own options: Postgres writes them down only once it holds the lock of its
 * folder, so they never name a start that lost the race for the lock.
 */
export function ownedBy(pid: number): Record<string, number> {
  return { 'stepcast.owner': pid }
}

const OWNER = /stepcast\.owner=(\d+)/

/**
 * Waits until the Postgres of a dead parent has stopped, and removes the lock file of a Postgres that was killed.
 * Throws if a living start uses it.
 */
export async function clearLeftover(folder: string): Promise<void> {
  const postmaster = await readPostmaster(folder)
  if (!postmaster) return
  if (await isPostgres(postmaster.pid)) await waitForEnd(folder, postmaster.pid)
  else await rm(join(folder, 'data/postmaster.pid'), { force: true })
}

// The watchdog stops it; if the watchdog was killed as well, this has to.
async function waitForEnd(folder: string, pid: number): Promise<void> {
  const began = Date.now()
  let told = false
  while (await isPostgres(pid)) {
    await refuseSecond(folder)
    const waited = Date.now() - began
    if (waited > 3 * SECOND && !told) told = process.kill(pid, 'SIGINT')
    if (waited > 20 * SECOND)
      throw new Error(`An earlier PostgreSQL (process ${pid}) does not stop. End it, then start again.`)
    await sleep(20)
  }
}

/** Throws if another process has a Postgres running in `folder`. */
export async function refuseSecond(folder: string): Promise<void> {
  const owner = await findOwner(folder)
  if (owner) throw alreadyRunning(folder, `process ${owner}`)
}

export function alreadyRunning(folder: string, who: string): Error {
  return new Error(
    `The database in ${folder} is in use by another start (${who}). Stop that one first, or use it. ${useYourOwn}`,
  )
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

// After a reboot, the number in a stale lock file may belong to any other process.
async function isPostgres(pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => askPs(pid))
  return basename(command.split('\0')[0] ?? '') === 'postgres'
}

// For systems without /proc.
async function askPs(pid: number): Promise<string> {
  return promisify(execFile)('ps', ['-p', String(pid), '-o', 'comm=']).then(
    ({ stdout }) => stdout.trim(),
    () => '',
  )
}
