import { type FileHandle, open } from 'node:fs/promises'
import type { SubstepContext } from 'stepcast'
import { digest, type Place, readBytes, readChunk } from './chunk.ts'
import { copyFrom, failedLine } from './copy.ts'
import { chunkBytes } from './settings.ts'
import type { Context } from './workflow.ts'

/** What is stored for a chunk: where the next one begins, and a hash of its bytes. */
interface Loaded {
  end: Place
  rows: number
  sha256: string
}

/**
 * Each chunk is a sub-step that begins where the previous one ended, so a line that is corrected may become longer or
 * shorter: only what has been loaded must stay unchanged.
 */
export async function load(ctx: Context<{ inspect: Place }>): Promise<{ rows: number }> {
  await using file = await open(ctx.input.path)
  const { size } = await file.stat()
  let start = ctx.results.inspect
  let rows = 0
  for (let number = 1; start.byte < size; number++) {
    const loaded = await loadOnce(ctx, file, start, number)
    start = loaded.end
    rows += loaded.rows
    ctx.report((100 * start.byte) / size, progressText(rows))
  }
  return { rows }
}

/** Loads a chunk, unless an earlier attempt has loaded it: then its bytes must still be the same. */
async function loadOnce(ctx: Context, file: FileHandle, start: Place, number: number): Promise<Loaded> {
  let isNew = false
  const loaded = await ctx.substep(`chunk ${number}`, async (sub) => {
    isNew = true
    if (number === 1) await clear(sub)
    return loadChunk(sub, file, start)
  })
  if (!isNew && digest(await readBytes(file, start.byte, loaded.end.byte - start.byte)) !== loaded.sha256) {
    throw new Error(`Lines ${start.line} to ${loaded.end.line - 1} are loaded and were changed since; put them back.`)
  }
  return loaded
}

/** A retry from a named step forgets the chunks, but not their rows: the first chunk deletes them. */
async function clear({ tx, run }: SubstepContext): Promise<void> {
  await tx.query('delete from readings where run_id = $1', [run.id])
}

async function loadChunk({ tx, run, signal }: SubstepContext, file: FileHandle, start: Place): Promise<Loaded> {
  const { bytes, end } = await readChunk(file, start, chunkBytes)
  await tx.query("select set_config('csv_import.run', $1, true)", [run.id])
  try {
    const rows = await copyFrom(tx, 'copy readings (sensor, at, celsius) from stdin with (format csv)', bytes, signal)
    return { end, rows, sha256: digest(bytes) }
  } catch (error) {
    const line = failedLine(error)
    if (line === null) throw error
    throw new Error(`Line ${start.line + line - 1}: ${(error as Error).message}`, { cause: error })
  }
}

function progressText(rows: number) {
  return { en: `${rows.toLocaleString('en')} rows`, 'zh-CN': `${rows.toLocaleString('zh-CN')} 行` }
}
