/**
 * Makes what browsers load, and with `--package` the package in dist/package. stepcast.js is written last: as long as it is
 * there, all it needs is there too.
 */
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'
import { bundleClient } from './bundle.ts'
import { writePackage } from './package/write.ts'

const root = resolve(import.meta.dirname, '..')
const page = join(root, 'client/page')
const folder = join(root, 'dist')

/** By file: which of them it is, and the way from its address to the mount point. */
const PAGES = [
  ['index.html', 'home', ''],
  ['run.html', 'run', '../../'],
  ['start.html', 'start', '../'],
  ['stats.html', 'stats', '../'],
] as const

const { files, eager } = await bundleClient(true)
const isChunk = (name: string) => name.startsWith('chunks/')
const names = [...files.keys()].sort((a, b) => Number(isChunk(b)) - Number(isChunk(a)))
const chunks = names.filter(isChunk).map((name) => name.replace('chunks/', ''))

await mkdir(join(folder, 'chunks'), { recursive: true })
for (const name of names.filter((name) => name !== 'stepcast.js')) await write(name, files.get(name))
for (const file of await readdir(page)) {
  if (['.css', '.svg'].includes(extname(file))) await copyFile(join(page, file), join(folder, file))
}
const template = await readFile(join(page, 'page.html'), 'utf8')
for (const [file, entry, base] of PAGES) await write(file, pageOf(entry, base))
await write('chunks.json', JSON.stringify(chunks, null, 2))
await write('stepcast.js', files.get('stepcast.js'))
for (const old of await readdir(join(folder, 'chunks'))) {
  if (!chunks.includes(old)) await rm(join(folder, 'chunks', old))
}
if (process.argv.includes('--package')) process.stdout.write(`${await writePackage(join(folder, 'package'))}\n`)

async function write(name: string, text = ''): Promise<void> {
  await writeFile(join(folder, name), text)
}

/** It asks for its chunks at once, not when its script has come and named them. */
function pageOf(entry: string, base: string): string {
  const chunks = eager[`${entry}.js`]?.filter(isChunk) ?? []
  const preloads = chunks.map((name) => `<link rel="modulepreload" href="${base}${name}">\n    `).join('')
  return template.replaceAll('{page}', entry).replaceAll('{base}', base).replace('<script', `${preloads}<script`)
}
