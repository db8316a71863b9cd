import { existsSync, globSync, statSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

/** Every test file, or those that `wanted` names: files, folders, or parts of their paths. Sorted. */
export function findTests(wanted: string[]): string[] {
  const all = globSync('tests/**/*.test.ts', { cwd: root })
  const matching = wanted.length ? all.filter((file) => wanted.some((part) => isNamed(file, part))) : all
  return matching.sort().map((file) => resolve(root, file))
}

function isNamed(file: string, part: string): boolean {
  const path = relative(root, resolve(part))
  const isFolder = existsSync(resolve(part)) && statSync(resolve(part)).isDirectory()
  return isFolder ? file.startsWith(`${path}/`) : file.includes(path)
}

/** Whether a file of `findTests` tests what PostgreSQL itself may do otherwise from one version to another. */
export function dependsOnPostgres(file: string): boolean {
  return ['db', 'worker', 'server'].some((folder) => file.startsWith(resolve(root, 'tests', folder) + sep))
}
