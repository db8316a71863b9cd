/** Makes a sample file: npx node examples/csv-import/generate.ts FILE [ROWS] */
import { createWriteStream } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

const SENSORS = ['cellar', 'kitchen', '"roof, north"', '"the ""cold"" room"', '"garden\nshed"']
const START = Date.UTC(2026, 0, 1)
const MINUTE = 60_000
const AT_ONCE = 1_000

/**
 * Writes the same rows every time: a header, and one reading per line, some of them with everything that CSV allows.
 */
export async function generate(file: string, rows: number): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const part = `${file}.${process.pid}`
  await pipeline(Readable.from(blocks(rows)), createWriteStream(part))
  await rename(part, file)
}

function* blocks(rows: number): Generator<string> {
  yield 'sensor,at,celsius\n'
  for (let first = 0; first < rows; first += AT_ONCE) {
    const length = Math.min(AT_ONCE, rows - first)
    yield Array.from({ length }, (_, index) => reading(first + index)).join('')
  }
}

function reading(row: number): string {
  const at = new Date(START + Math.floor(row / SENSORS.length) * MINUTE).toISOString()
  const celsius = (20 + 15 * Math.sin(row / 1_000)).toFixed(2)
  return `${SENSORS[row % SENSORS.length]},${at},${celsius}\n`
}

if (import.meta.main) {
  const [file, rows = '1000000'] = process.argv.slice(2)
  if (!file || !(Number(rows) > 0)) throw new Error('Name the file to write, and how many rows: FILE [ROWS]')
  await generate(file, Number(rows))
}
