import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pool } from 'pg'

export { chargeOrder } from './workflow.ts'

/** Creates the application's own tables, and some orders to charge. */
export async function setup(db: Pick<Pool, 'query'>): Promise<void> {
  await db.query(await readFile(join(import.meta.dirname, 'schema.sql'), 'utf8'))
  await db.query(`
    insert into orders (id, customer, cents, currency)
    values ('A-1', 'ada', 4200, 'EUR'), ('A-2', 'grace', 900, 'EUR'), ('A-3', 'broke-bob', 100, 'EUR')
    on conflict do nothing`)
}
