/** What `npm run schema` runs: migrates an empty database and writes the resulting schema to db/schema.sql. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { startPostgres } from '../../cli/postgres/start.ts'
import { migrate } from '../../db/migrate.ts'
import { dumpSchema } from '../db/dump.ts'
import { temporaryFolder } from './folder.ts'

await using folder = await temporaryFolder()
await using postgres = await startPostgres({ folder: join(folder.path, 'postgres'), durable: false })
await migrate(postgres.url)
const client = new pg.Client(postgres.url)
await client.connect()
await writeFile(new URL('../../db/schema.sql', import.meta.url), await dumpSchema(client))
await client.end()
