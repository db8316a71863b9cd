import { countPurgeable, isAge, type Purge, type Purged, purgeRuns } from '../../db/purge.ts'
import { requireAge } from '../age.ts'
import { openDatabase } from '../database.ts'
import { misuse } from '../failure.ts'
import { openPool } from '../pool.ts'
import { readSettings } from '../settings.ts'
import { INTERRUPTED, stopSignal } from '../stop.ts'

interface Options {
  olderThan?: string
  workflow?: string
  dryRun?: boolean
}

/** Ctrl-C ends it after the current batch: what was deleted stays deleted. */
export default async function purge({ olderThan, workflow, dryRun }: Options): Promise<number> {
  const settings = readSettings()
  const age = olderThan ?? settings.STEPCAST_RETENTION
  if (!age) throw misuse("Say how old runs must be: --older-than '30 days', or set STEPCAST_RETENTION.")
  if (!isAge(age)) throw misuse(`--older-than must be an interval such as '30 days', not ${age}.`)
  const what: Purge = { olderThan: age, workflow }
  const signal = stopSignal()
  await using database = await openDatabase(settings)
  await using db = openPool(database.url)
  await requireAge(db.pool, olderThan === undefined ? 'STEPCAST_RETENTION' : '--older-than', age)
  if (dryRun) {
    print(`Would purge ${count(await countPurgeable(db.pool, what))}, except those that rows of other tables refer to`)
    return 0
  }
  const sums = await purgeRuns(db.pool, { ...what, signal, onBatch: (soFar) => print(`  ${describe(soFar)}`) })
  print(`Purged ${describe(sums)}`)
  return signal.aborted ? INTERRUPTED : 0
}

function describe({ deleted, passedOver }: Purged): string {
  const held =
    passedOver === 0 ? '' : `; ${passedOver.toLocaleString('en')} passed over: held by others, or owing their onEnd`
  return `${count(deleted)}${held}`
}

function count(runs: number): string {
  return `${runs.toLocaleString('en')} ${runs === 1 ? 'run' : 'runs'}`
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
