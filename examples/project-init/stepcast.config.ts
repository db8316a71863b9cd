import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pool } from 'pg'
import { freshName } from './names.ts'

export { projectInit } from './workflow.ts'

let takenNames: ReadonlySet<string> = new Set()

/** Creates the application's own tables unless they exist. */
export async function setup(db: Pick<Pool, 'query'>): Promise<void> {
  await db.query(await readFile(join(import.meta.dirname, 'schema.sql'), 'utf8'))
  const { rows } = await db.query<{ name: string }>('select name from projects')
  takenNames = new Set(rows.map(({ name }) => name))
}

/** The run that `npm start` starts: a project under a name that is still free. */
export const demo = {
  workflow: 'project_init',
  input: () => ({ name: freshName(takenNames) }),
}
