import assert from 'node:assert/strict'
import { subscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { openBench } from './bench.ts'
import { bearer, SECRET, sign } from './tokens.ts'

const CLIENTS = 40

test('clients that go away before their stream begins leave no timer behind, however long their tokens last', async () => {
  const gone = Promise.withResolvers<boolean>()
  let asked = 0
  await using bench = await openBench({
    jwt: { secret: SECRET },
    authorize: () => {
      asked++
      return gone.promise
    },
  })
  const url = `${bench.url}/runs/${await bench.openRun({ tenant: 'blue' })}/events`
  const closed: Promise<unknown>[] = []
  subscribe('http.server.request.start', (about) => closed.push(once((about as { socket: Socket }).socket, 'close')))
  const token = await sign({ exp: 3_600, actions: ['run:read', 'run:debug'] })
  const leaving = new AbortController()
  const streams = Array.from({ length: CLIENTS }, () =>
    fetch(url, { ...bearer(token), signal: leaving.signal }).catch(() => {}),
  )
  while (asked < CLIENTS) await turn()
  leaving.abort()
  await Promise.all([...streams, ...closed])
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const before = timers()
  gone.resolve(true)
  // Each is asked a second time, whether it may debug.
  while (asked < 2 * CLIENTS) await turn()
  for (let turns = 0; turns < 20; turns++) await turn()
  assert.ok(timers() - before < CLIENTS / 2, `${timers() - before} timers more`)
})
