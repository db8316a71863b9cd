import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Postgres } from '../../cli/postgres/start.ts'
import { migrate } from '../../db/migrate.ts'
import { temporaryFolder } from './folder.ts'
import { startOwnPostgres } from './postgres.ts'

export interface Pair {
  primary: Postgres
  /** Follows the primary, and can be read. */
  standby: Postgres
  [Symbol.asyncDispose](): Promise<void>
}

/** A migrated database with a hot standby, both the test's own. */
export async function startPair(): Promise<Pair> {
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await temporaryFolder())
  const [own, copy] = [join(folder.path, 'primary'), join(folder.path, 'standby')]
  const before = await startOwnPostgres({ folder: own })
  await migrate(before.url)
  await before.stop()
  await promisify(execFile)('cp', ['-a', before.folder, copy])
  await writeFile(join(copy, 'data/standby.signal'), '')
  const primary = opened.use(await startOwnPostgres({ folder: own }))
  const { hostname, port, username, password } = new URL(primary.url)
  const primary_conninfo = `host=${hostname} port=${port} user=${username} password=${password}`
  const standby = opened.use(await startOwnPostgres({ folder: copy, settings: { primary_conninfo } }))
  const all = opened.move()
  return { primary, standby, [Symbol.asyncDispose]: () => all.disposeAsync() }
}
