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
  'stepcast.js': 24 * KB,
  'home.js': 36.5 * KB,
  'run.js': 32 * KB,
  'start.js': 24 * KB,
  'stats.js': 31 * KB,
}

const { files, eager } = await bundleClient()
const gzipped = (names: string[] = []) =>
  names.reduce((sum, name) => sum + gzipSync(files.get(name) ?? '', { level: 9 }).length, 0)

for (const [entry, limit] of Object.entries(LIMITS)) {
  test(`${entry} with all it needs takes at most ${limit / KB} KB on the wire before anything is drawn`, (t) => {
    const size = gzipped(eager[entry])
    t.diagnostic(`${size} bytes in ${eager[entry]?.length} files`)
    assert.ok(size < limit, `${size} bytes gzipped in ${eager[entry]}`)
  })
}

test('all that the element needs at once is in one chunk, beside the names it exports', () => {
  assert.equal(eager['stepcast.js']?.length, 2)
})

test('the log, the statistics, lists, polling, refusals and the languages but English are loaded when they are needed', () => {
  for (const text of [
    '正在重新连接',
    'TextDecoderStream',
    'JSON.stringify(["list"',
    'application/x-ndjson',
    'retry-after',
    'Timeline of the run',
    'Most failing steps',
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
