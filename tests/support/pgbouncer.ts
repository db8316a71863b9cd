import { chown, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findAccount } from '../../cli/postgres/account.ts'
import { startDaemon } from './daemon.ts'
import { temporaryFolder } from './folder.ts'
import { freePort } from './port.ts'
import { findPgBouncer } from './programs.ts'

export interface Pooler {
  /** A database's address through it. */
  through(url: string): string
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * A PgBouncer in transaction mode, otherwise with its defaults, in front of the Postgres at `url`; it admits the users named in
 * `url` and in `others`.
 */
export async function startPgBouncer(
  url: string,
  settings: Record<string, string | number> = {},
  others: string[] = [],
): Promise<Pooler> {
  await using started = new AsyncDisposableStack()
  const { path } = started.use(await temporaryFolder())
  const port = await freePort()
  const { port: target } = new URL(url)
  const users = join(path, 'users.txt')
  await writeFile(users, [url, ...others].map(userLine).join(''), { mode: 0o600 })
  const config = join(path, 'pgbouncer.ini')
  await writeFile(config, ini(target, { listen_port: port, auth_file: users, ...settings }))
  // It does not run as root either.
  const account = await findAccount(path)
  if (account) await chown(users, account.uid, account.gid)
  const command = await findPgBouncer()
  started.use(await startDaemon({ command, args: [config], log: join(path, 'log'), ...account }, port))
  const resources = started.move()
  return {
    through: (address) => Object.assign(new URL(address), { port: String(port) }).href,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

function userLine(url: string): string {
  const { username, password } = new URL(url)
  return `"${decodeURIComponent(username)}" "${decodeURIComponent(password)}"\n`
}

function ini(target: string, settings: Record<string, string | number>): string {
  const all = {
    listen_addr: '127.0.0.1',
    unix_socket_dir: '',
    auth_type: 'scram-sha-256',
    pool_mode: 'transaction',
    ...settings,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}`)
  return `[databases]\n* = host=127.0.0.1 port=${target}\n[pgbouncer]\n${lines.join('\n')}\n`
}
