import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { git } from './git.ts'

const OWNER = 'project-init.owner'

type Wanted = {
  /** The path for the bare repository. */
  path: string
  /** A folder for this caller only, on the same disk. */
  work: string
  signal: AbortSignal
}

/**
 * Creates the bare repository unless it exists. It is created elsewhere and renamed into place, so that nobody finds it
 * incomplete.
 */
export async function ensureRepository({ path, work, signal }: Wanted): Promise<void> {
  if (await isRepository(path)) return
  await mkdir(work, { recursive: true })
  await mkdir(dirname(path), { recursive: true })
  const draft = await mkdtemp(join(work, 'repository-'))
  try {
    await git(draft, signal).init(true, ['--initial-branch=main'])
    await rename(draft, path)
  } catch (error) {
    // If two create it at once, the second finds it in place, as it wanted.
    if (signal.aborted) throw error
    if (await isRepository(path)) return
    throw new Error(`No repository can be made at ${path}: is something in its way?`, { cause: error })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** Gives the repository to `owner`, unless somebody has pushed to it. Returns its owner. */
export async function claimRepository(path: string, owner: string, signal: AbortSignal): Promise<string> {
  const repository = git(path, signal)
  const pushed = await repository.raw('rev-parse', '--verify', '--quiet', 'main')
  if (!pushed) await repository.addConfig(OWNER, owner)
  const { value } = await repository.getConfig(OWNER, 'local')
  return value ?? 'nobody'
}

function isRepository(path: string): Promise<boolean> {
  return access(join(path, 'HEAD')).then(
    () => true,
    () => false,
  )
}
