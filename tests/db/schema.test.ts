import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { useDatabase } from '../support/fixture.ts'
import { dumpSchema } from './dump.ts'

const db = await useDatabase()

test('db/schema.sql shows the schema that the migrations make; `npm run schema` writes it', async () => {
  const file = new URL('../../db/schema.sql', import.meta.url)
  assert.equal(await readFile(file, 'utf8'), await dumpSchema(db.pool))
})
