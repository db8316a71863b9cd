/** A DBOS process with a workflow of six steps that do nothing. */
import { AT_ONCE, STEPS } from '../load/load.ts'
import { loadPeer } from '../peer.ts'

interface Dbos {
  DBOS: {
    registerWorkflow(workflow: () => Promise<void>, options: { name: string }): unknown
    runStep(step: () => Promise<void>, options: { name: string }): Promise<void>
    setConfig(config: object): void
    launch(): Promise<void>
    registerQueue(name: string, options: object): Promise<unknown>
  }
}

/** With its default of one second, only that would be measured. */
const POLL_MS = 10

const [systemDatabaseUrl = ''] = process.argv.slice(2)
const { DBOS } = loadPeer<Dbos>('@dbos-inc/dbos-sdk')
const nothing = async () => {}

DBOS.registerWorkflow(
  async () => {
    for (const name of STEPS) await DBOS.runStep(nothing, { name })
  },
  { name: 'bench' },
)
DBOS.setConfig({ name: 'bench', systemDatabaseUrl, systemDatabasePoolSize: AT_ONCE, logLevel: 'error' })
process.on('disconnect', () => process.exit())
await DBOS.launch()
await DBOS.registerQueue('bench', { workerConcurrency: AT_ONCE, minPollingIntervalMs: POLL_MS })
process.send?.('ready')
