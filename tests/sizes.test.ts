import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'

const KB = 1_024

test('the elements with all they need take under 16 KB on the wire', () => {
  const bundle = readFileSync(join(import.meta.dirname, '../dist/stepcast.js'))
  const size = gzipSync(bundle, { level: 9 }).length
  assert.ok(size < 16 * KB, `${size} bytes gzipped`)
})
