import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { test } from 'node:test'

const root = resolve(import.meta.dirname, '..')
const FOLDERS = ['db', 'worker', 'server', 'client', 'cli'] as const

/** What each folder may import beside itself. */
const ARROWS: Record<(typeof FOLDERS)[number], string[]> = {
  db: [],
  worker: ['db'],
  server: ['db'],
  client: [],
  cli: ['db', 'worker', 'server', 'client'],
}

interface Import {
  from: string
  to: string
  typeOnly: boolean
}

const STATEMENT =
  /(?:^|\n)\s*(?:import|export)\s+(type\s)?[^'";]*?from\s+'([^']+)'|import\s*\(\s*'([^']+)'|(?:^|\n)import\s+'([^']+)'/g

function filesOf(folder: string): string[] {
  return globSync(`${folder}/**/*.ts`, { cwd: root })
}

function importsOf(file: string): Import[] {
  const source = readFileSync(join(root, file), 'utf8')
  return [...source.matchAll(STATEMENT)]
    .map(([, type, ...names]) => ({
      typeOnly: type !== undefined,
      name: names.find((name) => name !== undefined) ?? '',
    }))
    .filter(({ name }) => name.startsWith('.'))
    .map(({ name, typeOnly }) => ({ from: file, to: relative(root, resolve(root, dirname(file), name)), typeOnly }))
}

const imports = FOLDERS.flatMap(filesOf).flatMap(importsOf)
const show = ({ from, to }: Import) => `${from} → ${to}`
const folderOf = (file: string) => file.split('/')[0] ?? ''
const isForeign = ({ from, to }: Import) => folderOf(from) !== folderOf(to)

test('every folder has imports that this test sees', () => {
  for (const folder of FOLDERS)
    assert.ok(
      imports.some(({ from }) => folderOf(from) === folder),
      folder,
    )
})

test('imports point one way: worker → db ← server, and only cli knows them all', () => {
  const allowed = Object.entries(ARROWS)
  const wrong = imports.filter(isForeign).filter(({ from, to }) => {
    const [, targets] = allowed.find(([folder]) => folder === folderOf(from)) ?? []
    return !targets?.includes(folderOf(to)) && folderOf(from) !== 'client'
  })
  assert.deepEqual(wrong.map(show), [])
})

test('the hub knows neither the routes that lead to it nor their limits', () => {
  const wrong = imports.filter(({ from, to }) => from.startsWith('server/hub/') && /^server\/(routes|limits)/.test(to))
  assert.deepEqual(wrong.map(show), [])
})

test('the client takes from elsewhere nothing but the types of the contract', () => {
  const foreign = imports.filter(isForeign).filter(({ from }) => folderOf(from) === 'client')
  assert.deepEqual(foreign.filter(({ to, typeOnly }) => to !== 'db/contract.ts' || !typeOnly).map(show), [])
})

test('no file imports itself by way of others', () => {
  const targets = Map.groupBy(imports, ({ from }) => from)
  const done = new Set<string>()
  const circles: string[] = []
  const visit = (file: string, path: string[]) => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '))
    if (path.includes(file) || done.has(file)) return
    for (const { to } of targets.get(file) ?? []) visit(to, [...path, file])
    done.add(file)
  }
  for (const file of targets.keys()) visit(file, [])
  assert.deepEqual(circles, [])
})

test('inside, nobody imports an index.ts', () => {
  assert.deepEqual(imports.filter(({ to }) => to.endsWith('index.ts')).map(show), [])
})

test('only the command reads the environment', () => {
  const readers = FOLDERS.flatMap(filesOf).filter((file) =>
    /\bprocess\.env\b/.test(readFileSync(join(root, file), 'utf8')),
  )
  assert.deepEqual(readers, ['cli/settings.ts'])
})
