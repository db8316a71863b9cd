import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { GitError, type SimpleGit } from 'simple-git'
import { git } from './git.ts'

// Each push that loses is another's that won: this many is more than ever push at once.
const PUSHES = 50
const APART_MS = 200

type Publication = {
  /** Path of the bare repository. */
  remote: string
  /** What people call it, at the head of an error: `The GitOps repository`. */
  called: string
  message: string
  /** A folder of the caller's own. */
  work: string
  /** Writes the files into the clone it is given. */
  write: (clone: string) => Promise<void>
  signal: AbortSignal
}

/**
 * Brings files onto the remote's `main` and returns the id of the commit that holds them. Safe to repeat: it begins with a
 * fresh clone, and files that are there already make no second commit.
 */
export async function publish({ remote, called, message, work, write, signal }: Publication): Promise<string> {
  await mkdir(work, { recursive: true })
  const clone = await mkdtemp(join(work, 'clone-'))
  try {
    // As from elsewhere, also where it is a folder beside this: git would link its files, of which a push that comes
    // meanwhile takes some away.
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

// Another project may push first: its commit goes below ours, and we push again, at a moment of our own.
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

// Git says `[rejected]` when main has moved on, and one of the others when it moves during the push itself.
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
