import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'

const root = resolve(import.meta.dirname, '..')

test('each threat names tests that there are', () => {
  const lines = readFileSync(resolve(root, 'docs/threats.md'), 'utf8').split('\n')
  const threats = lines.filter((line) => line.startsWith('| ') && !/^\| (threat|---)/.test(line))
  assert.ok(threats.length > 20)
  for (const threat of threats) {
    const named = [...threat.matchAll(/`([a-z/-]+)`:((?:,? “[^”]+”)+)/g)].flatMap(([, file, titles]) =>
      [...(titles ?? '').matchAll(/“([^”]+)”/g)].map(([, title]) => [file, title]),
    )
    assert.equal(named.length, [...threat.matchAll(/“/g)].length, threat)
    for (const [file, title] of named) {
      const path = resolve(root, `tests/${file}.test.ts`)
      assert.ok(existsSync(path) && readFileSync(path, 'utf8').includes(String(title)), `${file}: ${title}`)
    }
  }
})
