import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { templatesFolder } from './settings.ts'

export type Variables = Record<string, string>

/** The folder of a template. Throws an error that names the known ones if there is none of that name. */
export async function findTemplate(name: string): Promise<string> {
  const entries = await readdir(templatesFolder, { withFileTypes: true })
  const known = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  if (known.includes(name)) return join(templatesFolder, name)
  throw new Error(`There is no template “${name}”. The known ones: ${known.sort().join(', ')}.`)
}

/** Paths of the files in a folder, relative to it, in a stable order. */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return files.map((entry) => relative(folder, join(entry.parentPath, entry.name))).sort()
}

/**
 * The file's text with each `{{variable}}` replaced. Throws for an unknown variable, since a half-filled file is of no
 * use.
 */
export async function fill(file: string, variables: Variables): Promise<string> {
  const text = await readFile(file, 'utf8')
  return text.replace(/\{\{(\w+)\}\}/g, (placeholder, variable: string) => {
    const value = variables[variable]
    if (value !== undefined) return value
    const known = Object.keys(variables).join(', ')
    throw new Error(`${file} asks for ${placeholder}, which nobody fills in. The known variables: ${known}.`)
  })
}

type Rendering = {
  template: string
  /** Emptied first: an earlier attempt may have left an incomplete copy. */
  into: string
  variables: Variables
  /** Called after each file. */
  onFile: (path: string, current: number, total: number) => Promise<void>
}

/** Renders a template's files, and returns their number. */
export async function render({ template, into, variables, onFile }: Rendering): Promise<number> {
  const from = await findTemplate(template)
  const files = await listFiles(from)
  await rm(into, { recursive: true, force: true })
  for (const [index, path] of files.entries()) {
    await renderFile(join(from, path), join(into, path), variables)
    await onFile(path, index + 1, files.length)
  }
  return files.length
}

async function renderFile(from: string, to: string, variables: Variables): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  await writeFile(to, await fill(from, variables))
}
