import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, chmod, cp, mkdir, rename, rm, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { type Account, findAccount } from './account.ts'
import { type Binaries, findBinaries } from './binaries.ts'

const run = promisify(execFile)

export interface Home {
  /** Contains data/, password and postgres.log. */
  folder: string
  binaries: Binaries
  account: Account | null
}

/**
 * Where the Postgres of `folder` keeps its files: there, unless root started it in a place such as /root, which the
 * account that Postgres must run as cannot enter. Then under /var/lib/stepcast, in a folder named after `folder`.
 */
export async function findHome(folder: string, embedded?: string): Promise<Home> {
  const [binaries, account] = await Promise.all([findBinaries(embedded), findAccount(join(folder, 'data'))])
  await mkdir(resolve(folder, '..'), { recursive: true })
  if (!account) return { folder, binaries, account }
  const [reachable, runnable] = await Promise.all([
    canEnter(resolve(folder, '..'), account),
    canEnter(binaries.root, account),
  ])
  return {
    folder: reachable ? folder : await substitute(folder),
    binaries: runnable ? binaries : await copyBinaries(binaries),
    account,
  }
}

async function canEnter(folder: string, account: Account): Promise<boolean> {
  return run('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { ...account, cwd: '/' }).then(
    () => true,
    () => false,
  )
}

const SHARED = '/var/lib/stepcast'

async function substitute(folder: string): Promise<string> {
  const name = `${basename(resolve(folder, '../..'))}-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`
  const parent = join(SHARED, name)
  await makeEnterable(SHARED, parent)
  return join(parent, basename(folder))
}

// The name contains the size and date of the binary, so that an upgrade makes a new copy.
async function copyBinaries({ root, initdb, postgres }: Binaries): Promise<Binaries> {
  const { size, mtimeMs } = await stat(postgres)
  const copy = join(SHARED, `postgres-${size}-${Math.floor(mtimeMs)}`)
  const exists = await access(copy).then(
    () => true,
    () => false,
  )
  if (!exists) await copyWhole(root, copy)
  return { root: copy, initdb: initdb.replace(root, copy), postgres: postgres.replace(root, copy) }
}

async function copyWhole(from: string, to: string): Promise<void> {
  await makeEnterable(SHARED)
  const part = `${to}.${process.pid}`
  await cp(from, part, { recursive: true, verbatimSymlinks: true })
  await chmod(part, 0o755)
  // If two copy at once, the copy that was first stays.
  await rename(part, to).catch(() => rm(part, { recursive: true, force: true }))
}

async function makeEnterable(...folders: string[]): Promise<void> {
  for (const folder of folders) {
    await mkdir(folder, { recursive: true })
    await chmod(folder, 0o755)
  }
}
