import { existsSync, globSync, statSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

/** What `npm run check` tests by name: building, typing and installing the package takes as long as ten other files. */
const CHECKED = join('tests', 'package/package.test.ts')

/**
 * Every test file except those that only `npm run check` runs, or those that `wanted` names (files, folders, or parts of
 * their paths), in the order in which to begin them.
 */
export function findTests(wanted: string[]): string[] {
  const all = globSync('tests/**/*.test.ts', { cwd: root })
  const matching = all.filter((file) => (wanted.length ? wanted.some((part) => isNamed(file, part)) : file !== CHECKED))
  return matching.toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)).map((file) => resolve(root, file))
}

/** What takes longest, measured in runs of all tests: begun last, only it would still be running. The first four take longest in full size. */
const LONGEST = [
  'db/model',
  'worker/chaos',
  'browser/memory',
  'db/migrate',
  'cli/dev',
  'worker/points',
  'browser/data-path',
  'worker/outage',
  'examples/outside',
  'cli/postgres',
  'cli/follow',
  'examples/crash',
  'client/element',
  'worker/hostile',
  'server/slow',
  'cli/worker',
].map((name) => join('tests', `${name}.test.ts`))

/** Then those that wait for processes to die or for time to pass, which leave the machine to others meanwhile. */
function rank(file: string): number {
  const place = LONGEST.indexOf(file)
  if (place >= 0) return place
  const waits = ['worker', 'world', 'examples', 'server'].some((folder) => file.startsWith(join('tests', folder)))
  return LONGEST.length + (waits ? 0 : 1)
}

function isNamed(file: string, part: string): boolean {
  const path = relative(root, resolve(part))
  const isFolder = existsSync(resolve(part)) && statSync(resolve(part)).isDirectory()
  return isFolder ? file.startsWith(`${path}/`) : file.includes(path)
}

/** Of the worker's tests, those that use each of the engine's functions; the others wait for time to pass or processes to die. */
const QUICK = ['graph', 'run'].map((name) => `worker/${name}.test.ts`)
/** Of the database's tests, those that do the same thing very often. */
const OFTEN = ['hot', 'injection', 'lists', 'logins', 'model', 'purge', 'roles', 'security-functions', 'sizes'].map(
  (name) => `db/${name}.test.ts`,
)

/**
 * Whether a file from `findTests` tests something that PostgreSQL itself may do differently in another version. `quick`
 * leaves out the slow ones, and the server's, whose SQL is tested by itself.
 */
export function dependsOnPostgres(file: string, quick: boolean): boolean {
  const isOf = (folder: string) => file.startsWith(resolve(root, 'tests', folder) + sep)
  const isOneOf = (names: string[]) => names.some((name) => file.endsWith(`/${name}`))
  if (quick) return (isOf('db') && !isOneOf(OFTEN)) || isOneOf(QUICK)
  return ['db', 'worker', 'server'].some(isOf)
}
