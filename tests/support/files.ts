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

/** Of the worker's tests, those that use each of the engine's functions; the others wait for time to pass or processes to die. */
const QUICK = ['graph', 'places', 'retry', 'run', 'timeout'].map((name) => `worker/${name}.test.ts`)

/**
 * Whether a file of `findTests` tests what PostgreSQL itself may do otherwise from one version to another. `quick`: of
 * those that are slow, and of the server's, whose SQL is tested by itself, none.
 */
export function dependsOnPostgres(file: string, quick: boolean): boolean {
  const isOf = (folder: string) => file.startsWith(resolve(root, 'tests', folder) + sep)
  if (quick) return (isOf('db') && !file.endsWith('/hot.test.ts')) || QUICK.some((name) => file.endsWith(`/${name}`))
  return ['db', 'worker', 'server'].some(isOf)
}
