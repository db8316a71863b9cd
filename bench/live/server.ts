/** A server as in production: with authentication and authorization. */
import { startServer } from '../../server/start.ts'
import { answerUsage } from './usage.ts'

const [databaseUrl = ''] = process.argv.slice(2)
let asked = 0
const server = await startServer({
  databaseUrl,
  port: 0,
  // Every request is from a different user, as with real watchers.
  authenticate: () => ({ id: `watcher ${++asked}`, tenant: 'default' }),
  authorize: (_principal, _action, run) => run.tenant === 'default',
})
process.on('disconnect', () => process.exit())
answerUsage()
process.send?.(server.url)
