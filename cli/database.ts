import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { findRunning, startPostgres } from './postgres/start.ts'
import type { Settings } from './settings.ts'

export interface Database {
  url: string
  /** A note on where the data is; null: it is where it is expected. */
  note: string | null
  /** Fires when a database that was started here ends by itself. */
  died: AbortSignal
  /** Stops the database if it was started here. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Where the embedded Postgres keeps its data, below the current folder. */
const FOLDER = '.stepcast/postgres'

/**
 * The database of DATABASE_URL. Without it, the embedded one: the one that `stepcast dev` is running here, or else a
 * new one.
 */
export async function openDatabase(settings: Settings): Promise<Database> {
  if (settings.DATABASE_URL) return borrowed(settings.DATABASE_URL)
  const running = await findRunning(resolve(FOLDER))
  return running ? borrowed(running) : startEmbedded()
}

/** The same, except that an embedded database that is already running is an error: `stepcast dev` owns it. */
export async function ownDatabase(settings: Settings): Promise<Database> {
  return settings.DATABASE_URL ? borrowed(settings.DATABASE_URL) : startEmbedded()
}

async function startEmbedded(): Promise<Database> {
  const folder = resolve(FOLDER)
  await hideFromGit(dirname(folder))
  const postgres = await startPostgres({ folder, settings: { max_connections: 200 } })
  return { ...postgres, note: postgres.folder === folder ? null : movedNote(postgres.folder) }
}

/** The current folder is the application's checkout: the data and its password must not get into a commit by `git add .` */
async function hideFromGit(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, '.gitignore'), '*\n', { flag: 'wx' }).catch((error) => {
    if (error.code !== 'EEXIST') throw error
  })
}

function movedNote(folder: string): string {
  return `The database is in ${folder}: PostgreSQL does not run as root, and no other user may enter this folder.`
}

function borrowed(url: string): Database {
  const stop = async () => {}
  return { url, note: null, died: new AbortController().signal, stop, [Symbol.asyncDispose]: stop }
}
