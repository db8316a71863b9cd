import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { ask, openBench } from './bench.ts'
import { bearer, SECRET, sign } from './tokens.ts'

test('who asks too often gets 429 and when to ask again, and nobody else does', async () => {
  await using bench = await openBench({ jwt: { secret: SECRET }, rates: { requestsPerMinute: 5 } })
  const [ada, eve] = [await sign(), await sign({ sub: 'eve' })]
  const ofRed = await sign({ tenant: 'red' })
  const statuses = []
  for (let n = 0; n < 7; n++) statuses.push((await ask(`${bench.url}/runs`, bearer(ada))).status)
  assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429, 429])
  const refused = await ask(`${bench.url}/runs`, bearer(ada))
  const seconds = Number(refused.headers.get('retry-after'))
  assert.ok(seconds > 0 && seconds <= 60, String(seconds))
  assert.match(refused.headers.get('content-type') ?? '', /problem\+json/)
  assert.deepEqual([refused.body.type, refused.body.title], ['urn:stepcast:too-many-requests', 'Too many requests'])
  for (const token of [eve, ofRed]) assert.equal((await ask(`${bench.url}/runs`, bearer(token))).status, 200)
})

test('who guesses tokens gets 429, and from the same address a good one is still believed', async () => {
  await using bench = await openBench({ jwt: { secret: SECRET }, rates: { refusalsPerMinute: 3 } })
  const statuses = []
  for (const guess of ['a', 'b', 'c', 'd']) statuses.push((await ask(`${bench.url}/runs`, bearer(guess))).status)
  assert.deepEqual(statuses, [401, 401, 401, 429])
  assert.equal((await ask(`${bench.url}/runs`, bearer(await sign()))).status, 200)
})

test('to say nothing of oneself, or to come with a token that has expired, is no guess', async () => {
  await using bench = await openBench({ jwt: { secret: SECRET }, rates: { refusalsPerMinute: 1 } })
  const over = await sign({ exp: -10 })
  for (let n = 0; n < 3; n++) {
    assert.equal((await ask(`${bench.url}/runs`)).status, 401)
    assert.equal((await ask(`${bench.url}/runs`, bearer(over))).status, 401)
  }
  assert.equal((await ask(`${bench.url}/runs`, bearer('guess'))).status, 401)
  assert.equal((await ask(`${bench.url}/runs`, bearer(over.slice(0, -4)))).status, 429)
})

test('who has a whole network of IPv6 addresses to guess from is one address', async () => {
  await using bench = await openBench({
    jwt: { secret: SECRET },
    rates: { refusalsPerMinute: 1 },
    trustedProxies: 1,
  })
  const guessFrom = async (address: string) =>
    (await ask(`${bench.url}/runs`, bearer('guess', { 'x-forwarded-for': address }))).status
  assert.deepEqual([await guessFrom('2001:db8::1'), await guessFrom('2001:db8::ffff:2')], [401, 429])
  assert.equal(await guessFrom('2001:db8:0:1::1'), 401)
})

test('an address or headers that are too long are 431, and the server lives', async () => {
  await using bench = await openBench()
  const long = 'x'.repeat(20_000)
  assert.match(
    await say(bench.server.port, `GET /runs?q=${long} HTTP/1.1\r\nHost: localhost\r\n\r\n`),
    /^HTTP\/1\.1 431 /,
  )
  assert.match(
    await say(bench.server.port, `GET /runs HTTP/1.1\r\nHost: localhost\r\nX: ${long}\r\n\r\n`),
    /^HTTP\/1\.1 431 /,
  )
  assert.equal((await ask(`${bench.url}/livez`)).status, 200)
})

/** What comes back until the server closes. */
async function say(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
    .setEncoding('utf8')
    .on('error', () => {})
  let answer = ''
  socket.on('data', (chunk: string) => {
    answer += chunk
  })
  socket.write(text)
  await once(socket, 'close')
  return answer
}
