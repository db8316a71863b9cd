import { existsSync, globSync, statSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

/**
 * What `npm test` leaves to `npm run check`, to end within four minutes on two cores: how these paths begin. Without them
 * each part of Stepcast is tested, and one way through all parts (`browser/data-path`). They look at whole pages and
 * commands, at the examples, at what stands between a server and its watchers, at what observes both, at versions beside
 * each other, and at what dies, hangs, is slow, hostile or random.
 */
const LEFT_TO_CHECK = [
  'browser/dashboard',
  'browser/live',
  'browser/memory',
  'browser/put-away',
  'browser/stats',
  'browser/through-nginx',
  'cli/',
  'client/dashboard',
  'client/deploy',
  'client/first-look',
  'client/hostile',
  'client/states',
  'client/stats',
  'db/early-plans',
  'db/hot',
  'db/injection',
  'db/migrate',
  'db/model',
  'db/roles',
  'db/sizes',
  'db/standby',
  'examples/',
  'fuzz/',
  'package/',
  'pictures/',
  'server/expensive',
  'server/gone',
  'server/loris',
  'server/lost',
  'server/many-lines',
  'server/metrics',
  'server/postgres-crash',
  'server/slow',
  'server/storm',
  'worker/blocked',
  'worker/chaos',
  'worker/chores',
  'worker/crash',
  'worker/doubt',
  'worker/faults',
  'worker/held',
  'worker/hostile',
  'worker/outage',
  'worker/own-graphile',
  'worker/places',
  'worker/points',
  'worker/poison',
  'worker/sessions',
  'worker/timeout',
  'worker/traces',
  'worker/vanished',
  'worker/versions',
  'world/',
].map((name) => join('tests', name))

/** `quick`: what `npm test` runs; `rest`: what it leaves to `npm run check`. */
export type Part = 'quick' | 'rest' | 'all'

/**
 * The test files of a part, in the order in which to begin them; or those that `wanted` names (files, folders, or parts
 * of their paths), of whichever part.
 */
export function findTests(wanted: string[], part: Part): string[] {
  const all = globSync('tests/**/*.test.ts', { cwd: root })
  const matching = all.filter((file) =>
    wanted.length > 0 ? wanted.some((name) => isNamed(file, name)) : part === 'all' || part === partOf(file),
  )
  return matching.toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)).map((file) => resolve(root, file))
}

function partOf(file: string): Part {
  return LEFT_TO_CHECK.some((name) => file.startsWith(name)) ? 'rest' : 'quick'
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

function isNamed(file: string, name: string): boolean {
  const path = relative(root, resolve(name))
  const isFolder = existsSync(resolve(name)) && statSync(resolve(name)).isDirectory()
  return isFolder ? file.startsWith(`${path}/`) : file.includes(path)
}

/**
 * Of the worker's tests, those that use each of the engine's functions; the others wait for time to pass or processes to
 * die. And those with standbys, of which each version has its own notions.
 */
const QUICK = ['worker/graph', 'worker/run', 'world/replica', 'world/synchronous'].map((name) => `${name}.test.ts`)
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
  return ['db', 'worker', 'server'].some(isOf) || isOneOf(QUICK)
}
