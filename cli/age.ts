import type { Db } from '../db/client.ts'
import { checkAge } from '../db/purge.ts'
import { misuse } from './failure.ts'

/** Throws for an age that Postgres does not accept, such as one out of its range; `what` says where it was given. */
export async function requireAge(db: Db, what: string, age: string): Promise<void> {
  await checkAge(db, age).catch((error) => {
    throw /^22/.test(error.code ?? '') ? misuse(`${what} is not valid: ${error.message}.`) : error
  })
}
