import { randomUUID } from 'node:crypto'
import { after } from 'node:test'
import { execute, withDatabase } from './database.ts'
import type { Fixture } from './fixture.ts'

export interface Login {
  name: string
  /** The URL of the fixture's database, as this login. */
  url: string
}

/** The test file's own login, a member of `role`, with its tenants; dropped after the tests. */
export async function useLogin(
  db: Pick<Fixture, 'url' | 'rows'>,
  role: string | null,
  tenants: string[] = [],
): Promise<Login> {
  const name = `test_${role ?? 'nobody'}_${randomUUID().slice(0, 8)}`
  await db.rows(`create role ${name} login password 'test'`)
  if (role) await db.rows(`grant ${role} to ${name}`)
  for (const tenant of tenants) await db.rows('insert into stepcast.role_tenants values ($1, $2)', [name, tenant])
  after(async () => {
    await execute(withDatabase(db.url, 'postgres'), `drop role ${name}`)
  })
  const url = new URL(db.url)
  url.username = name
  url.password = 'test'
  return { name, url: url.href }
}
