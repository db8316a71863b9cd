/**
 * Builds what browsers load, and with `--package` also the package in dist/package. stepcast.js is written last: if it
 * is there, everything it needs is there too.
 */
import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'
import { bundleClient } from './bundle.ts'
import { writePackage } from './package/write.ts'
import { makePages } from './pages.ts'

const root = resolve(import.meta.dirname, '..')
const page = join(root, 'client/page')
const folder = join(root, 'dist')

const { files, eager } = await bundleClient(true)
const isChunk = (name: string) => name.startsWith('chunks/')
const names = [...files.keys()].sort((a, b) => Number(isChunk(b)) - Number(isChunk(a)))
const chunks = names.filter(isChunk).map((name) => name.replace('chunks/', ''))

await mkdir(join(folder, 'chunks'), { recursive: true })
for (const name of names.filter((name) => name !== 'stepcast.js')) await write(name, files.get(name))
for (const file of await readdir(page)) {
  if (['.css', '.svg'].includes(extname(file))) await copyFile(join(page, file), join(folder, file))
}
for (const [file, html] of await makePages(eager)) await write(file, html)
await write('chunks.json', JSON.stringify(chunks, null, 2))
await write('stepcast.js', files.get('stepcast.js'))
for (const old of await readdir(join(folder, 'chunks'))) {
  if (!chunks.includes(old)) await rm(join(folder, 'chunks', old))
}
if (process.argv.includes('--package')) process.stdout.write(`${await writePackage(join(folder, 'package'))}\n`)

async function write(name: string, text = ''): Promise<void> {
  await writeFile(join(folder, name), text)
}
