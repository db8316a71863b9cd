// As an application written in plain JavaScript would use the package: one worker, one server, one run.
import { workflow } from 'stepcast'
import { RunStream } from 'stepcast/client/stream'
import { startServer } from 'stepcast/server'
import { startWorker } from 'stepcast/worker'

const databaseUrl = process.env.DATABASE_URL
const greet = workflow('greet').step('say', async ({ input, log }) => {
  log('hello')
  return { said: `Hello ${input.name}` }
})
const worker = await startWorker({ workflows: [greet], databaseUrl })
const server = await startServer({ databaseUrl, port: 0 })

const started = await ask('/runs', {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ workflow: 'greet', input: { name: 'you' } }),
})
const stream = new RunStream({ src: server.url })
await new Promise((resolve) => stream.subscribe({ run: started.run.id }, ({ ended }) => ended && resolve(ended)))
stream.close()
const { run } = await ask(`/runs/${started.run.id}`)
const { ok } = await fetch(`${server.url}/stepcast.js`)
console.log(JSON.stringify({ status: run.status, output: run.output, elements: ok }))
await server.stop()
await worker.stop()

async function ask(path, init) {
  const answer = await fetch(`${server.url}${path}`, init)
  if (!answer.ok) throw new Error(await answer.text())
  return answer.json()
}
