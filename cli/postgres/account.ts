import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import { useYourOwn } from '../failure.ts'

const run = promisify(execFile)

export interface Account {
  uid: number
  gid: number
}

/**
 * The account that Postgres runs as, since it refuses root. null: the current one; for root: the owner of `data`, else
 * the user postgres.
 */
export async function findAccount(data: string): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null
  const owner = await stat(data).catch(() => null)
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  return (await lookUp('postgres')) ?? (await createAccount('postgres'))
}

async function lookUp(name: string): Promise<Account | null> {
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, name]).catch(() => null)))
  return uid && gid ? { uid: Number(uid.stdout), gid: Number(gid.stdout) } : null
}

async function createAccount(name: string): Promise<Account> {
  const options = ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', name]
  const problem = await run('useradd', options).then(() => null, String)
  const account = await lookUp(name)
  if (account) return account
  throw new Error(
    `PostgreSQL does not run as root, and the user "${name}" to run it as could not be made: ${problem}\n` +
      `Start as an ordinary user, or create that user. ${useYourOwn}`,
  )
}
