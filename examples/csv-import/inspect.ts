import { open } from 'node:fs/promises'
import type { Place } from './chunk.ts'
import type { Context } from './workflow.ts'

const HEADER = 'sensor,at,celsius'
const HEADER_BYTES = 1_024

/** Checks that the file suits the table; returns where its rows begin. */
export async function inspect(ctx: Context): Promise<Place> {
  const { path } = ctx.input
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0)
  const [header = ''] = buffer.toString('utf8', 0, bytesRead).split('\n', 1)
  if (header.trimEnd() !== HEADER) throw new Error(`${path} begins with “${header.trimEnd()}”, not with “${HEADER}”.`)
  return { byte: Buffer.byteLength(header) + 1, line: 2 }
}
