import { createDatabase } from '../load/databases.ts'
import type { Contender } from '../load/load.ts'
import { loadPeer } from '../peer.ts'
import { kill } from '../stage.ts'

/** The part of DBOS that the starter of runs needs. */
interface Dbos {
  DBOSClient: {
    create(options: { systemDatabaseUrl: string; systemDatabasePoolSize: number; applicationName: string }): Promise<{
      enqueue(options: { queueName: string; workflowName: string }): Promise<unknown>
      destroy(): Promise<void>
    }>
  }
}

const STARTER = { systemDatabasePoolSize: 10, applicationName: 'bench' }
const RUN = { queueName: 'bench', workflowName: 'bench' }

/** A workflow of six steps on a queue of DBOS; DBOS stores the end of each step, not its start. */
export function dbos(server: string): Contender {
  return {
    name: 'DBOS',
    begin: async (stage) => {
      const { DBOSClient } = loadPeer<Dbos>('@dbos-inc/dbos-sdk')
      const url = await createDatabase(server)
      const { child } = await stage.fork(new URL('./dbos-worker.ts', import.meta.url), url)
      const client = await DBOSClient.create({ systemDatabaseUrl: url, ...STARTER })
      const watcher = await stage.connect(url)
      const count = async (status: string) => {
        const { rows } = await watcher.query<{ count: string }>(
          `select count(*) from dbos.workflow_status where status in (${status})`,
        )
        return Number(rows[0]?.count)
      }
      return {
        start: () => client.enqueue(RUN),
        isBusy: async () => (await count(`'ENQUEUED', 'PENDING'`)) > 0,
        countCompleted: () => count(`'SUCCESS'`),
        end: stage.defer(async () => {
          await client.destroy()
          await kill(child)
        }),
      }
    },
  }
}
