import { chmod, mkdtemp, readFile, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface TestFolder {
  path: string
  [Symbol.asyncDispose](): Promise<void>
}

/** An empty folder that goes with its owner. Others may enter it: Postgres does not run as root. */
export async function temporaryFolder(parent = tmpdir()): Promise<TestFolder> {
  const path = await mkdtemp(join(parent, 'stepcast-test-'))
  await chmod(path, 0o755)
  return { path, [Symbol.asyncDispose]: () => remove(path) }
}

// A process that was killed may leave one behind that is still writing for a moment.
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
/** The tests together keep less than 400 MB there. */
const ROOM = 1024 ** 3

/**
 * Memory, where Linux has room there and TMPDIR names nothing else. A test database is 300 files, and ext4 looks at each that
 * was deleted within seconds before it makes one: 250 ms of processor a database instead of 45.
 */
export async function quickestParent(): Promise<string> {
  if (process.env.TMPDIR) return tmpdir()
  const { bavail, bsize } = await statfs(MEMORY).catch(() => ({ bavail: 0, bsize: 0 }))
  const mounts = await readFile('/proc/mounts', 'utf8').catch(() => '')
  const options = mounts.match(/^\S+ \/dev\/shm \S+ (\S+)/m)?.[1]?.split(',') ?? []
  return bavail * bsize >= ROOM && options.includes('rw') && !options.includes('noexec') ? MEMORY : tmpdir()
}
