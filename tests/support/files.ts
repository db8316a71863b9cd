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

/** What waits for time to pass, or for processes to die, and would only wait the same on another PostgreSQL. */
const SLOW = [
  'db/hot',
  ...['blocked', 'chaos', 'doubt', 'outage', 'own-graphile', 'points'].map((name) => `worker/${name}`),
]

/**
 * Whether a file of `findTests` tests what PostgreSQL itself may do otherwise from one version to another. `quick`: without
 * those that are slow, and those of the server, whose SQL is tested by itself.
 */
export function dependsOnPostgres(file: string, quick: boolean): boolean {
  if (quick && SLOW.some((name) => file.endsWith(`/${name}.test.ts`))) return false
  const folders = quick ? ['db', 'worker'] : ['db', 'worker', 'server']
  return folders.some((folder) => file.startsWith(resolve(root, 'tests', folder) + sep))
}
