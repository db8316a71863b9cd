import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Db } from './client.ts'

/**
 * Re-applied by every migration that changes one of them, in this order: what comes later may use what comes before.
 */
const REAPPLIED = ['functions', 'security', 'engine', 'graphile', 'reads', 'triggers', 'views', 'rights']

export interface SqlFile {
  /** Such as `functions/start_run.sql`. */
  name: string
  sql: string
}

export async function readMigrations(): Promise<SqlFile[]> {
  return readFolder('migrations')
}

export async function readReapplied(): Promise<SqlFile[]> {
  return (await Promise.all(REAPPLIED.map(readFolder))).flat()
}

/** The files that make the roles; run separately, since roles belong to the whole cluster. */
export async function readRoleFiles(): Promise<SqlFile[]> {
  return readFolder('roles')
}

/** The function or view that a file makes has the file's name. */
export function nameOf({ name }: SqlFile): string {
  return basename(name, '.sql')
}

export function hashOf(files: SqlFile[]): string {
  const hash = createHash('sha256')
  for (const { name, sql } of files) hash.update(`${name}\0${sql}\0`)
  return hash.digest('hex')
}

/** Runs a file; an error names it. */
export async function runFile(db: Db, { name, sql }: SqlFile): Promise<void> {
  try {
    await db.query(sql)
  } catch (error) {
    throw new Error(`db/${name} could not be applied: ${(error as Error).message}`, { cause: error })
  }
}

async function readFolder(folder: string): Promise<SqlFile[]> {
  const names = (await readdir(new URL(`${folder}/`, import.meta.url))).filter((name) => name.endsWith('.sql')).sort()
  return Promise.all(
    names.map(async (name) => ({
      name: `${folder}/${name}`,
      sql: await readFile(new URL(`${folder}/${name}`, import.meta.url), 'utf8'),
    })),
  )
}
