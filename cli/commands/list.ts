import { styleText } from 'node:util'
import type { Db } from '../../db/client.ts'
import type { Run, RunStatus } from '../../db/contract.ts'
import { type ListRunsOptions, listRuns } from '../../db/runs.ts'
import { openDatabase } from '../database.ts'
import { misuse } from '../failure.ts'
import { openPool } from '../pool.ts'
import { readSettings } from '../settings.ts'
import { ICONS } from '../terminal/draw.ts'
import { duration } from '../terminal/duration.ts'
import { asJson, clean } from '../terminal/text.ts'

/** The most runs in one request. */
const PAGE = 500

interface Options {
  tenant: string
  workflow?: string
  status?: string
  limit: string
  json?: boolean
}

export default async function list(options: Options): Promise<number> {
  const settings = readSettings()
  const { tenant, workflow } = options
  const status = statusOf(options.status)
  const limit = Number(options.limit)
  if (!Number.isInteger(limit) || limit < 1) throw misuse(`--limit is a whole number above 0, not ${options.limit}.`)
  await using database = await openDatabase(settings)
  await using db = openPool(database.url)
  const wanted = { tenant, ...(workflow && { workflow }), ...(status && { statuses: [status] }) }
  for await (const run of newest(db.pool, wanted, limit))
    process.stdout.write(`${options.json ? asJson(run) : describe(run)}\n`)
  return 0
}

/** A page may end early if its runs are large. */
async function* newest(db: Db, wanted: Omit<ListRunsOptions, 'limit' | 'after'>, limit: number): AsyncGenerator<Run> {
  let after: string | undefined
  for (let left = limit; left > 0; ) {
    const { runs, next } = await listRuns(db, { ...wanted, after, limit: Math.min(left, PAGE) })
    yield* runs
    if (next === null) return
    left -= runs.length
    after = next
  }
}

function describe(run: Run): string {
  const time = run.duration === null ? '' : duration(run.duration)
  const cells = [ICONS[run.status], run.id, run.status.padEnd(9), `${run.progress} %`.padStart(5), time.padStart(12)]
  return `${cells.join('  ')}  ${clean(run.displayName)}  ${styleText('dim', clean(run.key ?? ''))}`.trimEnd()
}

const STATUSES: RunStatus[] = ['pending', 'running', 'completed', 'failed', 'cancelled']

function statusOf(text: string | undefined): RunStatus | undefined {
  const status = STATUSES.find((known) => known === text)
  if (text !== undefined && !status) throw misuse(`--status is one of ${STATUSES.join(', ')}, not ${text}.`)
  return status
}
