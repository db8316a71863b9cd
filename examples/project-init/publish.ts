import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { GitError, type SimpleGit } from 'simple-git'
import { git } from './git.ts'

// Each push that loses means that another one has won: this is more than ever push at the same time.
const PUSHES = 50
const APART_MS = 200

type Publication = {
  /** Path of the bare repository. */
  remote: string
  /** The name that people use, at the start of an error: `The GitOps repository`. */
  called: string
  message: string
  /** A folder for this caller only. */
  work: string
  /** Writes the files into the clone at the given path. */
  write: (clone: string) => Promise<void>
  signal: AbortSignal
}

/**
 * Commits files to the remote's `main` and returns the id of the commit that contains them. Safe to repeat: it begins
 * with a fresh clone, and files that are there already make no second commit.
 */
export async function publish({ remote, called, message, work, write, signal }: Publication): Promise<string> {
  await mkdir(work, { recursive: true })
  const clone = await mkdtemp(join(work, 'clone-'))
  try {
    // Cloned as from another machine, even if the remote is a local folder: git would link its files, and a push that
    // arrives meanwhile removes some of them.
    await git(work, signal).clone(remote, clone, ['--no-local'])
    await write(clone)
    const repository = git(clone, signal)
    await repository.add('.')
    await repository.commit(message)
    await push(repository, signal)
    return await repository.revparse(['HEAD'])
  } catch (error) {
    throw signal.aborted ? error : explain(error, called)
  } finally {
    await rm(clone, { recursive: true, force: true })
  }
}

// Another project may push first: then our commit is rebased onto its commit and pushed again, after a random wait.
async function push(repository: SimpleGit, signal: AbortSignal): Promise<void> {
  for (let pushes = 1; ; pushes++) {
    try {
      await repository.push('origin', 'main')
      return
    } catch (error) {
      if (!wasBeaten(error) || pushes === PUSHES) throw error
      await setTimeout(Math.random() * APART_MS, undefined, { signal })
      await repository.pull('origin', 'main', ['--rebase'])
    }
  }
}

// Git reports `[rejected]` if main has moved on, and one of the others if it moves during the push.
function wasBeaten(error: unknown): boolean {
  return /\[rejected\]|cannot lock ref|failed to update ref|reference already exists/.test(String(error))
}

function explain(error: unknown, called: string): unknown {
  if (!(error instanceof GitError)) return error
  const refused = /\[(?:remote )?rejected\] \((.+)\)/.exec(error.message)
  if (!refused) return new Error(`${called} cannot be used: ${lastLine(error.message)}`, { cause: error })
  const words = [...error.message.matchAll(/^remote: (.+)$/gm)].map(([, line = '']) => line.trim())
  const reason = words.join(' ') || refused[1]
  return new Error(`${called} refused the push: ${reason}.`.replace(/\.\.$/, '.'), { cause: error })
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? text
}
