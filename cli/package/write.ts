/** Builds the package that is published: the files that the repository runs as TypeScript, as JavaScript with types. */
import { execFile } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { bundleCdn, bundledPackages, integrityOf } from '../bundle.ts'
import { cssData, htmlData, webTypes } from './editors.ts'
import { makeManifest } from './manifest.ts'

const root = resolve(import.meta.dirname, '../..')
/** Files that are read at run time and not compiled. */
const ASSETS = ['db/*/*.sql', 'dist/*.*', 'dist/chunks/*.*']
/** The pages that the README and messages of the command send their readers to. */
const PAGES = ['docs/*.md', 'docs/pictures/*.webp']
const TEXTS = ['README.md', 'LICENSE', 'RELEASE_NOTES.md', 'SECURITY.md']
/** Fields of package.json that are only for the repository, or are replaced. */
const OMITTED = ['private', 'files', 'scripts', 'devDependencies', 'allowScripts', 'overrides', 'bin', 'exports']

const CDN = 'dist/stepcast.cdn.js'
const LICENCES = 'dist/licenses.txt'
/** Generated from the elements, for editors and other tools. */
const EDITORS = {
  manifest: 'custom-elements.json',
  html: 'vscode.html-data.json',
  css: 'vscode.css-data.json',
  web: 'web-types.json',
}

interface Manifest extends Record<string, unknown> {
  name: string
  version: string
  exports: Record<string, string>
  bin: Record<string, string>
}

/**
 * Writes it into `folder`, which is emptied before. What browsers load must have been built.
 * @returns the file for a CDN and its integrity
 */
export async function writePackage(folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true })
  await compile(folder)
  for (const file of globSync('**/*.{js,d.ts}', { cwd: folder })) await nameWhatIsThere(join(folder, file))
  for (const file of [...TEXTS, ...globSync([...ASSETS, ...PAGES], { cwd: root })]) await copy(file, folder)
  const manifest: Manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  await writeJson(join(folder, 'package.json'), published(manifest))
  await describeElements(folder, manifest)
  await writeLicences(folder)
  return writeCdn(folder)
}

/** What browsers load has no comments, and so none of the notices that must stay with the code of others. */
async function writeLicences(folder: string): Promise<void> {
  const packages = await bundledPackages()
  const read = (name: string) => readFile(join(root, 'node_modules', name, 'LICENSE'), 'utf8')
  const texts = await Promise.all(packages.map(async (name) => `${name}\n\n${(await read(name)).trim()}\n`))
  await writeFile(join(folder, LICENCES), texts.join('\n\n'))
}

async function writeCdn(folder: string): Promise<string> {
  const text = await bundleCdn()
  const integrity = integrityOf(text)
  await writeFile(join(folder, CDN), text)
  await writeJson(join(folder, 'dist/integrity.json'), { [basename(CDN)]: integrity })
  return `${CDN} ${integrity}`
}

async function describeElements(folder: string, manifest: Manifest): Promise<void> {
  const elements = makeManifest()
  await writeJson(join(folder, EDITORS.manifest), elements)
  await writeJson(join(folder, EDITORS.html), htmlData(elements))
  await writeJson(join(folder, EDITORS.css), cssData(elements))
  await writeJson(join(folder, EDITORS.web), webTypes(elements, manifest))
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`)
}

async function compile(folder: string): Promise<void> {
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  // With several threads, each would repeat checks of the others.
  const args = [compiler, '-p', join(root, 'tsconfig.package.json'), '--outDir', folder, '--singleThreaded']
  await promisify(execFile)(process.execPath, args).catch(({ stdout, message }) => {
    throw new Error(`The package cannot be compiled:\n${stdout || message}`)
  })
}

/** The compiler leaves `.ts` in declarations, and in the names of files that are started as a thread or a process. */
async function nameWhatIsThere(path: string): Promise<void> {
  const text = await readFile(path, 'utf8')
  const named = text.replace(/(['"])(\.\.?\/[^'"]+)\.ts\1/g, (whole, quote, name) =>
    existsSync(resolve(dirname(path), `${name}.js`)) ? `${quote}${name}.js${quote}` : whole,
  )
  if (named !== text) await writeFile(path, named)
}

async function copy(file: string, folder: string): Promise<void> {
  await mkdir(dirname(join(folder, file)), { recursive: true })
  await copyFile(join(root, file), join(folder, file))
}

function published(manifest: Manifest): Record<string, unknown> {
  const kept = Object.entries(manifest).filter(([key]) => !OMITTED.includes(key))
  const entries = Object.entries(manifest.exports).map(([name, file]) => [name, compiled(file)])
  const bin = Object.entries(manifest.bin).map(([name, file]) => [name, file.replace(/\.ts$/, '.js')])
  const files = ['package.json', ...Object.values(EDITORS)].map((file) => [`./${file}`, `./${file}`])
  return {
    ...Object.fromEntries(kept),
    bin: Object.fromEntries(bin),
    exports: { ...Object.fromEntries(entries), ...Object.fromEntries(files) },
    sideEffects: ['./client/index.js', './cli/**'],
    customElements: EDITORS.manifest,
    'web-types': EDITORS.web,
    unpkg: CDN,
    jsdelivr: CDN,
  }
}

function compiled(file: string): string | { types: string; default: string } {
  if (!file.endsWith('.ts')) return file
  return { types: file.replace(/\.ts$/, '.d.ts'), default: file.replace(/\.ts$/, '.js') }
}
