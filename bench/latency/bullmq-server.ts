/**
 * The server for the BullMQ worker: it subscribes once for each run that is watched, and passes the messages on to its
 * streams.
 */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { loadRedis } from '../bullmq.ts'

const [redisPort = ''] = process.argv.slice(2)
const Redis = loadRedis()
const redis = new Redis({ host: '127.0.0.1', port: Number(redisPort) })
const streams = new Map<string, Set<ServerResponse>>()

redis.on('message', (channel, message) => {
  for (const res of streams.get(channel) ?? []) res.write(`event: patch\ndata: ${message}\n\n`)
})

const server = createServer(async (req, res) => {
  const channel = `run ${req.url?.split('/')[2]}`
  const watching = streams.get(channel) ?? new Set()
  streams.set(channel, watching.add(res))
  res.on('close', () => watching.delete(res))
  await redis.subscribe(channel)
  res.socket?.setNoDelay(true)
  res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
  res.write(': ready\n\n')
}).listen(0, '127.0.0.1')
await once(server, 'listening')
process.on('disconnect', () => process.exit())
process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
