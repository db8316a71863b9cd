import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, test } from 'node:test'
import { answer } from '../app/answer.js'

const server = createServer(answer).listen(0, '127.0.0.1')
await once(server, 'listening')
after(() => server.close())

const get = (path) => fetch(`http://127.0.0.1:${server.address().port}${path}`)

test('the front page bears the name of the project', async () => {
  const response = await get('/')
  assert.equal(response.status, 200)
  assert.match(await response.text(), /<h1>{{title}}<\/h1>/)
})

test('the orchestrator hears that it is well', async () => {
  assert.deepEqual(await (await get('/health')).json(), { name: '{{name}}', ok: true })
})

test('what is not there is not found', async () => {
  assert.equal((await get('/secrets.html')).status, 404)
})
