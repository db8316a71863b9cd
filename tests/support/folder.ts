import { chmod, mkdtemp, readFile, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface TestFolder {
  path: string
  [Symbol.asyncDispose](): Promise<void>
}

/** An empty folder that is removed with its owner. Other users may enter it: Postgres does not run as root. */
export async function temporaryFolder(parent = tmpdir()): Promise<TestFolder> {
  const path = await mkdtemp(join(parent, 'stepcast-test-'))
  await chmod(path, 0o755)
  return { path, [Symbol.asyncDispose]: () => remove(path) }
}

// A killed process may leave another one behind that is still writing for a moment.
async function remove(path: string, tries = 100): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true })
  } catch (error) {
    if (tries === 0) throw error
    await sleep(50)
    await remove(path, tries - 1)
  }
}

const MEMORY = '/dev/shm'
/** All tests together keep less than 400 MB there. */
const ROOM = 1024 ** 3

/**
 * Memory, if Linux has room there and TMPDIR names nothing else. A test database is 300 files, and before ext4 creates a file it
 * checks each one that was deleted seconds ago: 250 ms of processor time per database instead of 45.
 */
export async function quickestParent(): Promise<string> {
  if (process.env.TMPDIR) return tmpdir()
  const { bavail, bsize } = await statfs(MEMORY).catch(() => ({ bavail: 0, bsize: 0 }))
  const mounts = await readFile('/proc/mounts', 'utf8').catch(() => '')
  const options = mounts.match(/^\S+ \/dev\/shm \S+ (\S+)/m)?.[1]?.split(',') ?? []
  return bavail * bsize >= ROOM && options.includes('rw') && !options.includes('noexec') ? MEMORY : tmpdir()
}
