import { join } from 'node:path'
import type { Fixture } from '../support/fixture.ts'
import { type Started, type StartOptions, startProgram } from '../support/process.ts'
import { findPsql, findPython } from '../support/programs.ts'

const FOLDER = join(import.meta.dirname, '../../examples/outside')
const psql = await findPsql()
const python = await findPython()

/** What a script works on, and how long nothing may be heard of it. */
export interface Job {
  table: string
  /** Written by the backups, read by the import. */
  file: string
  folder: string
  deadline?: string
}

/** The three scripts as their README starts them, each at the head of a process group: they start programs of their own. */
export const scripts = {
  'backup.sql': (url: string, { table, file, deadline = '1 minute' }: Job) => {
    const variables = [`table=${table}`, `file=${file}`, `deadline=${deadline}`].flatMap((value) => ['-v', value])
    return startProgram(psql, [url, ...variables, '-f', join(FOLDER, 'backup.sql')], { detached: true })
  },
  'backup.sh': (url: string, { folder, deadline = '1 minute' }: Job) =>
    startProgram(join(FOLDER, 'backup.sh'), [folder], withEnv({ DATABASE_URL: url, BACKUP_DEADLINE: deadline })),
  'import.py': (url: string, { file, table, deadline = '1 minute' }: Job) =>
    startProgram(
      python,
      [join(FOLDER, 'import.py'), file, table],
      withEnv({ DATABASE_URL: url, IMPORT_DEADLINE: deadline }),
    ),
}

export type Script = keyof typeof scripts

function withEnv(env: object): StartOptions {
  return { env, detached: true }
}

/** The id of the run, which every script says first. */
export async function runOf(started: Started): Promise<string> {
  const [, id = ''] = await started.says(/^Run (\S+)/m)
  return id
}

/** Ends a script and whatever it has started. */
export async function kill({ child, ended }: Started, signal: NodeJS.Signals): Promise<void> {
  if (child.pid) process.kill(-child.pid, signal)
  await ended
}

/** Keeps others from a table until it is released, which its owner's end does too. */
export async function hold(db: Fixture, table: string, mode = 'access exclusive') {
  const client = await db.pool.connect()
  await client.query(`begin; lock table ${table} in ${mode} mode`)
  let held = true
  const release = async () => {
    if (!held) return
    held = false
    await client.query('rollback')
    client.release()
  }
  return { release, [Symbol.asyncDispose]: release }
}
