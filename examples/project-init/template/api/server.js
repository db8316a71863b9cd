import { createServer } from 'node:http'
import { answer } from './app/answer.js'

const { HOST = '127.0.0.1', PORT = '3000' } = process.env

const server = createServer(answer).listen(Number(PORT), HOST, () => {
  console.log(`{{title}} on http://${HOST}:${server.address().port}`)
})
process.once('SIGTERM', () => server.close())
