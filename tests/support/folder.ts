import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface TestFolder {
  path: string
  [Symbol.asyncDispose](): Promise<void>
}

/** An empty folder that goes with its owner. Others may enter it: Postgres does not run as root. */
export async function temporaryFolder(): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'stepcast-test-'))
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
