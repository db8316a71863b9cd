import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { QueryConfig } from 'pg'
import { type CopyStreamQuery, from } from 'pg-copy-streams'
import type { Tx } from 'stepcast'

/** Runs `copy … from stdin` with the bytes, in a step's or a sub-step's own transaction. Returns the number of rows. */
export async function copyFrom(tx: Tx, statement: string, bytes: Buffer, signal: AbortSignal): Promise<number> {
  // pg runs a stream like this one in place of a query, and returns it at once; its types only know queries.
  const stream = (await tx.query(from(statement) as unknown as QueryConfig)) as unknown as CopyStreamQuery
  await pipeline(Readable.from([bytes]), stream, { signal })
  return stream.rowCount
}

/** The line at which COPY stopped, counted from 1 in its input; null: the error is not about a line. */
export function failedLine(error: unknown): number | null {
  const { where } = error as { where?: string }
  const [, line] = /^COPY [^,]+, \D*(\d+)/.exec(where ?? '') ?? []
  return line ? Number(line) : null
}
