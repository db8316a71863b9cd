/**
 * A bare `node:http` loop in place of our server: it receives the same notifications, reads the same changes with the
 * same function, one read at a time, and writes the same bytes to everyone who watches the run; it does nothing else.
 */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import pg from 'pg'
import { type Announcement, CHANNEL, readChanges } from '../../db/changes.ts'
import { answerUsage } from '../live/usage.ts'

const [databaseUrl = ''] = process.argv.slice(2)
const streams = new Map<string, Set<ServerResponse>>()
const revisions = new Map<string, number>()
const changed = new Set<string>()
const pool = new pg.Pool({ connectionString: databaseUrl })
let isReading = false

async function read(): Promise<void> {
  if (isReading) return
  isReading = true
  await Promise.resolve()
  while (changed.size > 0) {
    const wants = [...changed].map((run) => ({ run, since: revisions.get(run) ?? null, line: null, steps: true }))
    changed.clear()
    for (const { run, revision, epoch, kind, body } of await readChanges(pool, wants)) {
      revisions.set(run, revision)
      const bytes = Buffer.from(`id: ${epoch}-${revision}\nevent: ${kind}\ndata: ${body}\n\n`)
      for (const res of streams.get(run) ?? []) res.write(bytes)
    }
  }
  isReading = false
}

const listener = new pg.Client(databaseUrl)
await listener.connect()
await listener.query(`listen ${CHANNEL}`)
listener.on('notification', ({ payload = '[]' }) => {
  for (const [run] of JSON.parse(payload) as Announcement[]) if (streams.has(run)) changed.add(run)
  read()
})

const server = createServer((req, res) => {
  const run = req.url?.split('/')[2] ?? ''
  const watching = streams.get(run) ?? new Set()
  streams.set(run, watching.add(res))
  res.socket?.setNoDelay(true)
  res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
  res.write(': ready\n\n')
  if (revisions.has(run)) return
  changed.add(run)
  read()
}).listen(0, '127.0.0.1', 1_024)
await once(server, 'listening')
process.on('disconnect', () => process.exit())
answerUsage()
process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
