import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { bundleClient } from '../cli/bundle.ts'

const KB = 1_024

/**
 * Gzipped, what a page loads before anything is drawn, chunks and Lit included. Not to grow while the elements wait to be
 * smaller: the aim is 16 KB, see docs/decisions/2026-11-22-element-size.md.
 */
const LIMITS = {
  'stepcast.js': 16.95 * KB,
  'home.js': 37.1 * KB,
  'run.js': 29.6 * KB,
  'start.js': 22.7 * KB,
  'stats.js': 32.4 * KB,
}
/** What comes right after it, and keeps a run true. */
const LIFE_LIMIT = 7.1 * KB

const { files, eager, life } = await bundleClient()
const gzipped = (names: string[] = []) =>
  names.reduce((sum, name) => sum + gzipSync(files.get(name) ?? '', { level: 9 }).length, 0)

for (const [entry, limit] of Object.entries(LIMITS)) {
  test(`${entry} with all it needs takes at most ${limit / KB} KB on the wire before anything is drawn`, (t) => {
    const size = gzipped(eager[entry])
    t.diagnostic(`${size} bytes in ${eager[entry]?.length} files`)
    assert.ok(size < limit, `${size} bytes gzipped in ${eager[entry]}`)
  })
}

test(`a quiet running run takes ${LIFE_LIMIT / KB} KB more, asked for as soon as what draws it is there`, (t) => {
  const size = gzipped(life)
  t.diagnostic(`${size} bytes in ${life.length} files, ${size + gzipped(eager['stepcast.js'])} all in all`)
  assert.ok(life.length > 0 && size < LIFE_LIMIT, `${size} bytes gzipped in ${life}`)
  const draws = eager['stepcast.js']?.map((name) => files.get(name)).join('') ?? ''
  for (const name of life) assert.ok(draws.includes(`import("./${name.replace('chunks/', '')}")`), name)
})

test('all that the element needs at once is in one chunk, beside the names it exports', () => {
  assert.equal(eager['stepcast.js']?.length, 2)
})

test('what keeps a run true, the log, the statistics, lists, polling, refusals and the languages but English are loaded when they are needed', () => {
  for (const text of [
    'stepcast-end',
    'visibilitychange',
    '正在重新连接',
    'TextDecoderStream',
    'JSON.stringify(["list"',
    'application/x-ndjson',
    'retry-after',
    'Timeline of the run',
    'Steps that fail most',
    '失败最多的步骤',
  ]) {
    const holders = [...files].filter(([, code]) => code.includes(text)).map(([name]) => name)
    assert.ok(holders.length > 0, text)
    assert.deepEqual(
      eager['stepcast.js']?.filter((name) => holders.includes(name)),
      [],
      text,
    )
  }
})
