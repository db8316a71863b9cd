import type { Client } from 'pg'
import { migrate } from '../../db/migrate.ts'
import { createDatabase } from '../load/databases.ts'
import { drive, measureRate, type Session } from '../load/load.ts'
import { beginStepcast } from '../load/stepcast.ts'
import { type Measurement, measured, median } from '../measurement.ts'
import { Stage } from '../stage.ts'
import { fill } from './fill.ts'
import { purge } from './purge.ts'

const FEW = 1_000
const ROUNDS = 5
const SECONDS = 5
/** The most rounds beside a purge, which has taken its share of the machine long before it is done. */
const MOST_ROUNDS = 12

/** The load of `runs` on tables with few and with many finished runs, and while half of the many are purged. */
export async function* history({ size }: { size: number }): AsyncGenerator<Measurement> {
  await using stage = await Stage.open()
  const server = await stage.postgres()
  const few = await filled(stage, server, FEW)
  const many = await filled(stage, server, size)
  // The small database stays small: each round has a copy of its own.
  const rates = await alternate(stage, [() => createDatabase(server, few), () => many])
  const [ofFew = Number.NaN, ofMany = Number.NaN] = rates.map(median)
  yield measured(`history/${FEW}`, ofFew, 'runs/s')
  yield measured(`history/${size}`, ofMany, 'runs/s')
  yield measured('history/slowdown', ofFew / ofMany, '×')
  const { before, during } = await measurePurge(await beginStepcast(stage, many), await stage.connect(many), size / 2)
  yield measured('history/purge', during, 'runs/s')
  yield measured('history/purge/slowdown', before / during, '×')
}

async function filled(stage: Stage, server: string, size: number): Promise<string> {
  const url = await createDatabase(server)
  await migrate(url)
  const session = await beginStepcast(stage, url)
  await drive(session, 1)
  await session.end()
  const client = await stage.connect(url)
  await fill(client, size)
  await client.end()
  return url
}

/** The rates of each database, measured in turns. */
async function alternate(stage: Stage, databases: (() => string | Promise<string>)[]): Promise<number[][]> {
  const rates = databases.map((): number[] => [])
  for (let round = 0; round < ROUNDS; round++) {
    for (const [place, database] of databases.entries()) {
      const session = await beginStepcast(stage, await database())
      rates[place]?.push(await measureRate(session, SECONDS))
      await session.end()
    }
  }
  return rates
}

/** The median of the rates just before a purge, and of those during it. */
async function measurePurge(
  session: Session,
  client: Client,
  count: number,
): Promise<{ before: number; during: number }> {
  const rate = await measureRate(session, SECONDS)
  const round = () => drive(session, Math.ceil(rate * SECONDS))
  const before = median([await round(), await round(), await round()])
  const stop = new AbortController()
  let done = false
  const purging = purge(client, count, stop.signal).finally(() => {
    done = true
  })
  const rates: number[] = []
  try {
    do rates.push(await round())
    while (!done && rates.length < MOST_ROUNDS)
  } finally {
    stop.abort()
    await purging
  }
  await session.end()
  // The last round may have seen only the end of the purge.
  return { before, during: median(done && rates.length > 1 ? rates.slice(0, -1) : rates) }
}
