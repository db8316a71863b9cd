import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'

const KB = 1_024
/** Not to grow while it waits to be halved: the aim is 16 KB, see docs/decisions/2026-11-22-element-size.md. */
const LIMIT = 26 * KB

test('the elements with all they need take no more on the wire than they did', () => {
  const bundle = readFileSync(join(import.meta.dirname, '../dist/stepcast.js'))
  const size = gzipSync(bundle, { level: 9 }).length
  assert.ok(size < LIMIT, `${size} bytes gzipped`)
})
