import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { access, chown, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { useYourOwn } from '../failure.ts'
import type { Account } from './account.ts'
import { majorVersion } from './binaries.ts'
import type { Home } from './home.ts'
import { isAlive } from './leftover.ts'

/** Creates the database cluster in `home.folder` unless there is one; throws if the existing one cannot be used. */
export async function initialise(home: Home, durable: boolean): Promise<void> {
  const found = await readFile(join(home.folder, 'data/PG_VERSION'), 'utf8').catch(refuseUnreadable)
  if (found === null) await create(home, durable)
  else await compareVersions(home, Number.parseInt(found, 10))
}

function refuseUnreadable(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null
  throw new Error(
    `${error.path} cannot be read (${error.code}): its database was made by another user, perhaps by root. ` +
      `Start as that user, or move the folder away to begin with an empty one. ${useYourOwn}`,
  )
}

async function compareVersions(home: Home, found: number): Promise<void> {
  const brought = await majorVersion(home.binaries.postgres, home.account)
  if (found === brought) return
  throw new Error(
    `The database in ${home.folder} was made by PostgreSQL ${found}, but PostgreSQL ${brought} is installed. ` +
      `Move that folder away to begin with an empty one, or go back to the version of stepcast that made it. ${useYourOwn}`,
  )
}

// Created beside its place and moved there as a whole: a start that is killed half-way leaves no incomplete cluster.
async function create({ folder, binaries, account }: Home, durable: boolean): Promise<void> {
  await removeParts(folder)
  const part = `${folder}${PART}${process.pid}`
  await mkdir(join(part, 'data'), { recursive: true, mode: account ? 0o711 : 0o700 })
  await writeFile(join(part, 'password'), randomBytes(24).toString('base64url'), { mode: 0o600 })
  if (account) await Promise.all(['data', 'password'].map((name) => chown(join(part, name), account.uid, account.gid)))
  try {
    const version = await majorVersion(binaries.postgres, account)
    await initdb(binaries.initdb, part, account, [...optionsOf(version), ...(durable ? [] : ['--no-sync'])])
    await rename(part, folder)
  } catch (error) {
    await rm(part, { recursive: true, force: true })
    if (
      !(await access(join(folder, 'data')).then(
        () => true,
        () => false,
      ))
    )
      throw error
  }
}

const PART = '.new-'

async function removeParts(folder: string): Promise<void> {
  const prefix = basename(folder) + PART
  const parts = (await readdir(dirname(folder))).filter((name) => name.startsWith(prefix))
  const left = parts.filter((name) => !isAlive(Number(name.slice(prefix.length))) || name.endsWith(`-${process.pid}`))
  // The initdb of a start that was killed may still be writing: then the next start removes its folder.
  for (const name of left) await rm(join(dirname(folder), name), { recursive: true, force: true }).catch(() => {})
}

/**
 * Byte order with Unicode's lower case, the same on every machine: built in since PostgreSQL 17, from ICU before that.
 */
function optionsOf(version: number): string[] {
  return [
    ...(version >= 17
      ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8']
      : ['--locale-provider=icu', '--icu-locale=en-US-u-va-posix']),
    // For a password of 192 random bits, thousands of hash rounds at every connection gain nothing.
    ...(version >= 16 ? ['--set=scram_iterations=1'] : []),
  ]
}

async function initdb(command: string, part: string, account: Account | null, options: string[]): Promise<void> {
  const args = [
    `--pgdata=${join(part, 'data')}`,
    '--username=postgres',
    '--auth=scram-sha-256',
    `--pwfile=${join(part, 'password')}`,
    '--encoding=UTF8',
    '--locale=C',
    ...options,
  ]
  const env = { LC_ALL: 'C', TZ: 'UTC' }
  await promisify(execFile)(command, args, { ...account, env, cwd: '/' }).catch((error) => {
    throw new Error(`PostgreSQL could not be set up in ${part}: ${error.stderr || error.message}`)
  })
}
