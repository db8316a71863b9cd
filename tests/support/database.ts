import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { endWaiting } from './wait.ts'

export const TEMPLATE = 'stepcast_template'

export interface TestDatabase {
  url: string
  /** Ends every connection to it and removes it. */
  drop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

let made = 0

/** The test file's own migrated database, cloned from the template that `npm test` has prepared; from `template1`, an empty one. */
export async function createDatabase(template = TEMPLATE): Promise<TestDatabase> {
  const admin = adminUrl()
  const name = `test_${process.pid}_${++made}`
  // Copies its files as they are, which takes half as long as writing them through the log.
  await execute(admin, `create database ${name} template ${template} strategy file_copy`)
  const drop = async () => {
    await endWaiting(withDatabase(admin, name))
    await withClient(admin, async (client) => {
      await untilQuiet(client, name)
      await client.query(`drop database if exists ${name} with (force)`)
    })
  }
  return { url: withDatabase(admin, name), drop, [Symbol.asyncDispose]: drop }
}

export function withDatabase(url: string, name: string): string {
  const changed = new URL(url)
  changed.pathname = `/${name}`
  return changed.href
}

/** One statement on a connection of its own. */
export function execute(url: string, sql: string): Promise<void> {
  return withClient(url, async (client) => {
    await client.query(sql)
  })
}

async function withClient(url: string, use: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  await use(client).finally(() => client.end())
}

const GRACE_MS = 250

// A pool that has ended is still closing its connections; ending them by force would raise an error that nobody handles.
async function untilQuiet(client: pg.Client, name: string): Promise<void> {
  const connected = async () => (await client.query('select from pg_stat_activity where datname = $1', [name])).rowCount
  const began = Date.now()
  while ((await connected()) !== 0 && Date.now() - began < GRACE_MS) await sleep(10)
}

function adminUrl(): string {
  const url = process.env.STEPCAST_TEST_DATABASE_URL
  if (url) return url
  const file = process.argv[1]?.replace(/^.*\/(?=tests\/)/, '') ?? 'tests/…'
  throw new Error(`This test needs the database that the test command starts. Run it so: npm test -- ${file}`)
}
