import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Bundle } from './bundle.ts'

/** By file: the name of the dashboard's page, and the path from its address to the mount point. */
const PAGES = [
  ['index.html', 'home', ''],
  ['run.html', 'run', '../../'],
  ['start.html', 'start', '../'],
  ['stats.html', 'stats', '../'],
] as const

/** The dashboard's pages by file. Each requests its chunks at once, without waiting until its script names them. */
export async function makePages(eager: Bundle['eager']): Promise<Map<string, string>> {
  const template = await readFile(resolve(import.meta.dirname, '../client/page/page.html'), 'utf8')
  const pageOf = (entry: string, base: string) => {
    const chunks = eager[`${entry}.js`]?.filter((name) => name.startsWith('chunks/')) ?? []
    const preloads = chunks.map((name) => `<link rel="modulepreload" href="${base}${name}">\n    `).join('')
    return template
      .replaceAll('{page}', entry)
      .replaceAll('{base}', base)
      .replaceAll('page-element', `${entry}-page`)
      .replace('<script', `${preloads}<script`)
  }
  return new Map(PAGES.map(([file, entry, base]) => [file, pageOf(entry, base)]))
}
