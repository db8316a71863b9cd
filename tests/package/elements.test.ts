import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { elementsOf, makeManifest } from '../../cli/package/manifest.ts'
import { writeReference } from '../../cli/package/reference.ts'

const root = resolve(import.meta.dirname, '../..')
const files = globSync('client/**/*.ts', { cwd: root, exclude: ['client/page/**'] })
const source = files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n')
const manifest = makeManifest()
const elements = elementsOf(manifest)

const named = (pattern: RegExp) => [...source.matchAll(pattern)].flatMap(([, names = '']) => names.split(/\s+/))
const missing = (names: string[], known: string[] | undefined) =>
  [...new Set(names)].filter((name) => name !== '' && !known?.includes(name)).sort()

test('docs/elements.md says what the elements are; `npm run elements` writes it', () => {
  assert.equal(readFileSync(join(root, 'docs/elements.md'), 'utf8'), writeReference(manifest))
})

test('every element that is registered is described', () => {
  const registered = named(/'(stepcast-[a-z]+)': Stepcast\w+/g)
  assert.ok(registered.includes('stepcast-run'))
  assert.deepEqual(
    missing(
      registered,
      elements.map(({ tagName }) => tagName ?? ''),
    ),
    [],
  )
})

test('every part, property of style and event that there is is described', () => {
  const parts = elements.flatMap(({ cssParts = [] }) => cssParts.map(({ name }) => name))
  const properties = elements.flatMap(({ cssProperties = [] }) => cssProperties.map(({ name }) => name))
  const events = elements.flatMap(({ events = [] }) => events.map(({ name }) => name))
  assert.deepEqual(missing(named(/ part="([a-z -]+)"/g), parts), [])
  assert.deepEqual(missing(named(/var\((--stepcast-[\w-]+)/g), properties), [])
  assert.deepEqual(missing(named(/'(stepcast-[\w-]+)': CustomEvent/g), events), [])
  assert.ok(parts.length > 20 && properties.length > 20 && events.length >= 5)
})

test('every attribute, property, event and part says what it is for', () => {
  const silent = elements.flatMap(({ tagName, attributes = [], members = [], events = [], cssParts = [] }) =>
    [...attributes, ...members.filter((member) => !('attribute' in member)), ...events, ...cssParts]
      .filter(({ description }) => !description)
      .map(({ name }) => `${tagName}: ${name}`),
  )
  assert.deepEqual(silent, [])
})
