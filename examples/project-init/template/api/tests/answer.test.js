import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, test } from 'node:test'
import { answer } from '../app/answer.js'

const server = createServer(answer).listen(0, '127.0.0.1')
await once(server, 'listening')
after(() => server.close())

const get = (path) => fetch(`http://127.0.0.1:${server.address().port}${path}`)

test('the API says whose it is', async () => {
  assert.equal((await (await get('/')).json()).name, '{{name}}')
})

test('what is not there is not found', async () => {
  assert.equal((await get('/nothing')).status, 404)
})
