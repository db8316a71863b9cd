import pg from 'pg'

let made = 0

/** Creates a database, empty or as a copy of the one at an address, and resolves with its address. */
export async function createDatabase(server: string, original?: string): Promise<string> {
  const template = original ? new URL(original).pathname.slice(1) : 'template1'
  const name = `bench_${++made}`
  // Copied by files, not by WAL: what follows is measured on a quiet server.
  await execute(server, `create database ${name} template ${template} strategy file_copy`)
  return withDatabase(server, name)
}

function withDatabase(server: string, name: string): string {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

/** One statement on a connection of its own. */
async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(sql).finally(() => client.end())
}
