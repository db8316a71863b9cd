/** Keeps an embedded Postgres running in the folder given until it is killed. */
import { startPostgres } from '../../cli/postgres/start.ts'

const { url } = await startPostgres({ folder: process.argv[2] ?? '' })
process.stdout.write(`ready ${url}\n`)
setInterval(() => {}, 60_000)
