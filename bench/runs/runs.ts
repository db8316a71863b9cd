import type { Client } from 'pg'
import { migrate } from '../../db/migrate.ts'
import { createDatabase } from '../load/databases.ts'
import { type Contender, measureRate } from '../load/load.ts'
import { SLOW_DISK } from '../load/slow-disk.ts'
import { beginStepcast } from '../load/stepcast.ts'
import { compared, type Measurement, measured, median } from '../measurement.ts'
import { PeerMissing } from '../peer.ts'
import { Stage } from '../stage.ts'
import { bullmqOnPostgres, bullmqOnRedis } from './bullmq.ts'
import { dbos } from './dbos.ts'

const ROUNDS = 3
const SECONDS = 5
const COMMITS = 200
const OURS = 'Stepcast'

/**
 * Durable runs per second, of six steps each, 50 at once, compared with peers; on this disk, and on one with a commit
 * of 2.5 ms.
 */
export async function* runs(): AsyncGenerator<Measurement> {
  yield* runsOn('runs', {})
  yield* runsOn('runs/slow-disk', SLOW_DISK)
}

async function* runsOn(name: string, settings: Record<string, number>): AsyncGenerator<Measurement> {
  await using stage = await Stage.open()
  const server = await stage.postgres(settings)
  yield measured(`${name}/commit`, await measureCommit(await stage.connect(server)), 'ms')
  const contenders = [await stepcast(server), bullmqOnRedis(), bullmqOnPostgres(server), dbos(server)]
  const { [OURS]: ours, ...peers } = await measureAll(stage, contenders)
  yield compared(name, ours ?? Number.NaN, 'runs/s', peers)
}

/** The median rate of each, by name. They take turns, so that other activity of the machine affects all of them. */
async function measureAll(stage: Stage, contenders: Contender[]): Promise<Record<string, number>> {
  const rates = new Map<Contender, number[]>(contenders.map((contender) => [contender, []]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const [contender, taken] of rates) {
      const rate = await measureOne(stage, contender)
      if (rate === null) rates.delete(contender)
      else taken.push(rate)
    }
  }
  return Object.fromEntries([...rates].map(([{ name }, taken]) => [name, median(taken)]))
}

/** null: it is not installed, which is reported. */
async function measureOne(stage: Stage, contender: Contender): Promise<number | null> {
  try {
    const session = await contender.begin(stage)
    const rate = await measureRate(session, SECONDS)
    await session.end()
    return rate
  } catch (error) {
    if (!(error instanceof PeerMissing)) throw error
    process.stderr.write(`${contender.name} is left out: ${error.message}\n`)
    return null
  }
}

async function stepcast(server: string): Promise<Contender> {
  const migrated = await createDatabase(server)
  await migrate(migrated)
  return { name: OURS, begin: async (stage) => beginStepcast(stage, await createDatabase(server, migrated)) }
}

/** The median time that a lone transaction of one row takes to commit. */
async function measureCommit(client: Client): Promise<number> {
  await client.query('create table commits (n integer)')
  const taken: number[] = []
  for (let n = 0; n < COMMITS; n++) {
    const began = performance.now()
    await client.query('insert into commits values ($1)', [n])
    taken.push(performance.now() - began)
  }
  return median(taken)
}
