import { Readable } from 'node:stream'
import type { LogLine } from '../../db/contract.ts'
import { StepcastError } from '../../db/errors.ts'
import { readJournal, readLogs } from '../../db/runs.ts'
import { problemOf } from '../failures.ts'
import { Problem } from '../problem.ts'
import type { Ctx, Service } from '../service.ts'
import { findRun } from './find-run.ts'
import { journalQuery, logsQuery, queryOf } from './requests.ts'

const LINES_A_READ = 1_000
const ENTRIES_A_PAGE = 200

/** `GET …/logs`: every line there is, as one JSON object per line, or as plain text to save. */
export function logs(service: Service) {
  return async (ctx: Ctx): Promise<void> => {
    const query = queryOf(ctx, logsQuery)
    const type = ctx.accepts('application/x-ndjson', 'text/plain')
    if (!type) throw new Problem(406, { detail: 'Logs come as application/x-ndjson or as text/plain.' })
    const { id: run } = await findRun(service, ctx, 'run:read')
    const { principal } = ctx.state
    const { tenant } = principal
    const { db, access, turns } = service
    const readAfter = (after: number | undefined) => readLogs(db, { ...query, tenant, run, after, limit: LINES_A_READ })
    // The request's turn is over when its headers are sent: each later page takes a turn of its own.
    const readOn = (after: number | undefined) =>
      access.isOpen ? readAfter(after) : turns.others.run(principal, () => readAfter(after))
    // Read before the headers are sent: an error in the request can still be answered.
    const first = await readAfter(query.after).catch(blameStep)
    if (type === 'text/plain') ctx.attachment(`${run}.log`)
    ctx.type = type
    ctx.body = Readable.from(pages(first, readOn, type === 'text/plain' ? asText : asJson))
  }
}

/** An unknown step is the error of a parameter here. */
function blameStep(error: unknown): never {
  if (!(error instanceof StepcastError) || error.code !== 'SC003') throw error
  const { status, members } = problemOf(error)
  throw new Problem(status, { ...members, errors: [{ path: 'step', message: error.message }] })
}

async function* pages(
  first: LogLine[],
  readAfter: (line: number | undefined) => Promise<LogLine[]>,
  write: (line: LogLine) => string,
): AsyncGenerator<string> {
  for (let page = first; page.length > 0; page = await readAfter(page.at(-1)?.line)) yield page.map(write).join('')
}

function asJson(line: LogLine): string {
  return `${JSON.stringify(line)}\n`
}

/** Characters that move a terminal's cursor, or reorder the text around them. */
const CONTROL = /(?![\t\n])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu
const LINE_END = /\r\n?|[\n\u2028\u2029]/g

/**
 * Safe for a terminal, and so that no message looks like another line of the log: all but its first line is indented.
 */
function asText({ at, level, message }: LogLine): string {
  return `${at} ${level.padEnd(5)} ${message.replace(LINE_END, '\n    ').replace(CONTROL, '\ufffd')}\n`
}

/** `GET …/journal`: a page of entries, oldest first; `next` is the `after` of the page that follows. */
export function journal(service: Service) {
  return async (ctx: Ctx): Promise<void> => {
    const { after } = queryOf(ctx, journalQuery)
    const { id: run } = await findRun(service, ctx, 'run:read')
    const { tenant } = ctx.state.principal
    const entries = await readJournal(service.db, { tenant, run, after, limit: ENTRIES_A_PAGE + 1 })
    const page = entries.slice(0, ENTRIES_A_PAGE)
    ctx.body = { entries: page, next: entries.length > page.length ? (page.at(-1)?.entry ?? null) : null }
  }
}
