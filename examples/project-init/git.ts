import { dirname } from 'node:path'
import { type SimpleGit, simpleGit } from 'simple-git'

/** The author of all commits, for every project. */
export const author = { name: 'Project Init', email: 'project-init@example.com' }

// Git sees no settings of the machine or the user, and never stops to ask for anything.
const ENVIRONMENT = {
  GIT_AUTHOR_NAME: author.name,
  GIT_AUTHOR_EMAIL: author.email,
  GIT_COMMITTER_NAME: author.name,
  GIT_COMMITTER_EMAIL: author.email,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
}
// In an empty clone the first commit goes to main; git leaves no housekeeping process behind.
const CONFIG = ['init.defaultBranch=main', 'gc.auto=0']

/** Git in `folder`, stopped when `signal` aborts. Messages are in English. Throws `GitError` with git's output. */
export function git(folder: string, signal: AbortSignal): SimpleGit {
  return simpleGit({
    baseDir: folder,
    abort: signal,
    config: CONFIG,
    // By default, output is given up 50 ms after git has ended: on a busy machine, the reason for a refused push would
    // be lost.
    completion: { onClose: true, onExit: false },
    trimmed: true,
    allowEnvironment: [...Object.keys(ENVIRONMENT), 'GIT_CEILING_DIRECTORIES'],
    unsafe: { allowUnsafeConfigPaths: true },
  }).env({
    ...ENVIRONMENT,
    PATH: process.env.PATH,
    LC_ALL: 'C',
    // A folder that is not a repository must not be taken for a part of a repository around it.
    GIT_CEILING_DIRECTORIES: dirname(folder),
  })
}

/** The version of the installed git, such as `2.39.5`. */
export async function gitVersion(folder: string, signal: AbortSignal): Promise<string> {
  const { installed, major, minor, patch } = await git(folder, signal).version()
  if (!installed) {
    throw new Error('Git is not installed on the machine of this worker, or not on its PATH: install it, then retry.')
  }
  return `${major}.${minor}.${patch}`
}
