import assert from 'node:assert/strict'
import { type ExecFileOptions, execFile } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { writePackage } from '../../cli/package/write.ts'
import { createDatabase } from '../support/database.ts'
import { type TestFolder, temporaryFolder } from '../support/folder.ts'

const MINUTE = 60_000
const root = resolve(import.meta.dirname, '../..')
/** Whose types an application has of its own. */
const TYPED = ['@types/node', '@types/react', 'csstype', 'preact', 'react', 'svelte', 'vue']

const execute = promisify(execFile)
const run = (program: string, args: string[], options: ExecFileOptions = {}) =>
  execute(program, args, { ...options, encoding: 'utf8', timeout: 2 * MINUTE })

/** As npm would leave it: the packed package beside what it depends on. */
let folder: TestFolder
let installed: string
let manifest: { version: string; exports: Record<string, unknown>; dependencies: Record<string, string> }

before(async () => {
  folder = await temporaryFolder()
  const built = join(folder.path, 'built')
  installed = join(folder.path, 'node_modules/stepcast')
  await writePackage(built)
  await mkdir(installed, { recursive: true })
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--silent'], { cwd: built })
  await run('tar', ['-xzf', join(built, stdout.trim()), '-C', installed, '--strip-components=1'])
  manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'))
  for (const name of [...Object.keys(manifest.dependencies), ...TYPED]) await link(name)
  await writeFile(join(folder.path, 'package.json'), '{"type": "module"}')
})
after(() => folder[Symbol.asyncDispose]())

async function link(name: string): Promise<void> {
  const path = join(folder.path, 'node_modules', name)
  await mkdir(dirname(path), { recursive: true })
  await symlink(join(root, 'node_modules', name), path)
}

test('publint finds nothing', async () => {
  const { messages, pkg } = await publint({ pkgDir: installed, pack: false, strict: true })
  assert.deepEqual(
    messages.map((message) => formatMessage(message, pkg, { color: false })),
    [],
  )
})

test('what a file of it names, to import it or to start it, is there', async () => {
  const missing = globSync('{cli,client,db,server,worker}/**/*.js', { cwd: installed }).flatMap((file) => {
    const named = readFileSync(join(installed, file), 'utf8').matchAll(/['"](\.\.?\/[^'"]+\.[jt]s)['"]/g)
    const paths = [...named].map(([, name]) => resolve(installed, dirname(file), name ?? ''))
    return paths.filter((path) => !existsSync(path)).map((path) => `${file}: ${path}`)
  })
  assert.deepEqual(missing, [])
})

test('the licence of every package with code in what browsers load is beside it', () => {
  const maps = globSync('dist/**/*.map', { cwd: installed }).map((file) =>
    JSON.parse(readFileSync(join(installed, file), 'utf8')),
  )
  const sources: string[] = maps.flatMap(({ sources }) => sources)
  const names = new Set(sources.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []))
  assert.ok(names.has('lit-html'))
  const licences = readFileSync(join(installed, 'dist/licenses.txt'), 'utf8')
  for (const name of names) {
    const licence = readFileSync(join(root, 'node_modules', name, 'LICENSE'), 'utf8').trim()
    assert.ok(licences.includes(`${name}\n\n${licence}`), name)
  }
})

// “docs/security-sql.md says how to make one” is all that some messages say of what to do.
test('a page of the documentation that a message or the README names is there', () => {
  const missing = globSync('{README.md,docs/*.md,cli/**/*.js}', { cwd: installed }).flatMap((file) => {
    const named = readFileSync(join(installed, file), 'utf8').matchAll(/\bdocs\/[\w/-]+\.(?:md|webp)/g)
    return [...named].filter(([path]) => !existsSync(join(installed, path))).map(([path]) => `${file}: ${path}`)
  })
  assert.deepEqual(missing, [])
})

test('every entry can be imported by Node, from plain JavaScript', async () => {
  const names = Object.keys(manifest.exports).filter((name) => !name.endsWith('.json'))
  assert.ok(names.length >= 5)
  const script = names.map((name) => `await import('${join('stepcast', name)}')`).join('\n')
  await writeFile(join(folder.path, 'imports.js'), script)
  await run(process.execPath, ['imports.js'], { cwd: folder.path })
})

/** What the compiler says of a file of an application's. */
async function compile(file: string, skipLibCheck: boolean): Promise<string> {
  await copyFile(join(import.meta.dirname, 'consumer', file), join(folder.path, file))
  const language = { target: 'es2022', module: 'nodenext', jsx: 'react-jsx', strict: true, noEmit: true, skipLibCheck }
  const compilerOptions = { ...language, lib: ['es2023', 'esnext.disposable', 'dom', 'dom.iterable'], types: ['node'] }
  const project = join(folder.path, `${file}.json`)
  await writeFile(project, JSON.stringify({ compilerOptions, files: [file] }))
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const { stdout } = await run(process.execPath, [compiler, '-p', project, '--singleThreaded']).catch((error) => error)
  return stdout
}

test('its declarations stand on their own, and lose no type on the way', async () => {
  assert.equal(await compile('types.ts', false), '')
})

test('JSX and the templates of Vue and Svelte know the elements', async () => {
  assert.equal(await compile('jsx.tsx', true), '')
})

test('the command knows its version', async () => {
  const { stdout } = await run(process.execPath, [join(installed, 'cli/main.js'), '--version'])
  assert.equal(stdout, `${manifest.version}\n`)
})

test('the command migrates an empty database, and a run goes through worker, server and stream', async () => {
  await using database = await createDatabase('template1')
  const env = { ...process.env, DATABASE_URL: database.url }
  await run(process.execPath, [join(installed, 'cli/main.js'), 'migrate'], { cwd: folder.path, env })
  await copyFile(join(import.meta.dirname, 'consumer/run.mjs'), join(folder.path, 'run.mjs'))
  const { stdout } = await run(process.execPath, ['run.mjs'], { cwd: folder.path, env })
  assert.deepEqual(JSON.parse(stdout), { status: 'completed', output: { said: 'Hello you' }, elements: true })
})
