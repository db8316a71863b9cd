/** A server as it is in production: authentication and authorization on. */
import { startServer } from '../../server/start.ts'
import { answerUsage } from './usage.ts'

const [databaseUrl = ''] = process.argv.slice(2)
let asked = 0
const server = await startServer({
  databaseUrl,
  port: 0,
  // Everyone is somebody else, as watchers are.
  authenticate: () => ({ id: `watcher ${++asked}`, tenant: 'default' }),
  authorize: (_principal, _action, run) => run.tenant === 'default',
})
process.on('disconnect', () => process.exit())
answerUsage()
process.send?.(server.url)
