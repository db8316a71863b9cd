import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pool } from 'pg'
import { generate } from './generate.ts'
import { sampleFile } from './settings.ts'

export { csvImport } from './workflow.ts'

const SAMPLE_ROWS = 500_000

/** Creates the application's own table and the sample file, unless they exist. */
export async function setup(db: Pick<Pool, 'query'>): Promise<void> {
  await db.query(await readFile(join(import.meta.dirname, 'schema.sql'), 'utf8'))
  await access(sampleFile).catch(() => generate(sampleFile, SAMPLE_ROWS))
}

/** The run that `stepcast dev` starts. */
export const demo = {
  workflow: 'csv_import',
  input: () => ({ path: sampleFile }),
}
