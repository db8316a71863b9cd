import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, IncomingMessage, ServerResponse } from 'node:http'
import { type AddressInfo, Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from 'jose'
import { Watcher } from '../../server/hub/watcher.ts'
import { type MintOptions, mintRunToken, startServer } from '../../server/start.ts'
import { ask, type Bench, openBench, registerWorkflow } from './bench.ts'
import { TestStream } from './stream.ts'
import { bearer, claimsOf, SECRET, sign } from './tokens.ts'

const NOWHERE = 'postgres://nobody@127.0.0.1:9/none'
const MINUTE = 60_000
/** As of a user without an address: `id: user.email ?? ''`. */
const EMPTY = [{ id: '' }, { tenant: '' }, { expiresIn: '' }]

let bench: Bench
before(async () => {
  bench = await openBench({ jwt: { secret: SECRET } })
  await registerWorkflow(bench)
})
after(() => bench[Symbol.asyncDispose]())

async function statusFor(token: string, url = bench.url): Promise<number> {
  return (await ask(`${url}/runs`, bearer(token))).status
}
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

test('a token says who asks, for which tenant and until when', async () => {
  const run = await bench.openRun({ tenant: 'blue' })
  const token = await sign()
  assert.equal((await ask(`${bench.url}/runs/${run}`, bearer(token))).status, 200)
  assert.equal((await ask(`${bench.url}/runs/${run}/cancel`, { ...bearer(token), method: 'POST' })).status, 200)
  const who = "select actor from stepcast.journal where run_id = $1 and action = 'cancel'"
  assert.equal(await bench.sql(who, run), 'ada')
  assert.equal((await ask(`${bench.url}/runs/${run}`, bearer(await sign({ tenant: 'red' })))).status, 404)
  assert.equal((await ask(`${bench.url}/runs/${run}`, bearer(await sign({ tenant: undefined })))).status, 404)
})

test('a token may be from a clock that is some seconds ahead', async () => {
  const soon = Math.floor(Date.now() / 1_000) + 20
  assert.equal(await statusFor(await sign({ nbf: soon, iat: soon })), 200)
})

test('a token that is forged, stale or meant for somebody else is 401, and says nothing of why but of its age', async () => {
  const good = await sign()
  const [header, payload, signature] = good.split('.')
  const swapped = encode({ ...JSON.parse(Buffer.from(String(payload), 'base64url').toString()), tenant: 'red' })
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
  const attacks: Record<string, string> = {
    'alg none': `${encode({ alg: 'none', typ: 'JWT' })}.${payload}.`,
    'alg None with the signature left': `${encode({ alg: 'None' })}.${payload}.${signature}`,
    'no signature': `${header}.${payload}.`,
    'another tenant under the old signature': `${header}.${swapped}.${signature}`,
    'another secret': await sign({}, 'some other secret that is as long'),
    'another algorithm of the secret': await sign({}, SECRET, { alg: 'HS512' }),
    'a key pair where a secret is wanted': await new SignJWT(claimsOf({}))
      .setProtectedHeader({ alg: 'RS256' })
      .sign(privateKey),
    'a key that it brings along': await new SignJWT(claimsOf({}))
      .setProtectedHeader({ alg: 'RS256', jwk: (await exportJWK(publicKey)) as JWK })
      .sign(privateKey),
    ...(await bringingTheirKeys()),
    'another audience': await sign({ aud: 'billing' }),
    'no audience': await sign({ aud: undefined }),
    'no end': await sign({ exp: undefined }),
    'not yet': await sign({ nbf: Math.floor(Date.now() / 1_000) + 60 }),
    'until no date there is': await sign({ exp: 1e15 }),
    nobody: await sign({ sub: undefined }),
    'a NUL in a name': await sign({ tenant: 'a\u0000b' }),
    'a tenant that is no text': await sign({ tenant: ['blue'] }),
    'actions that are no list': await sign({ actions: 'run:read' }),
    'a user who pretends to be a run token': await sign({}, SECRET, { typ: 'stepcast-run+jwt' }),
    'a critical extension that nobody knows': await sign({}, SECRET, { crit: ['x'] as never, x: '1' }).catch(
      () => `${encode({ alg: 'HS256', crit: ['x'], x: 1 })}.${payload}.${signature}`,
    ),
    'no token at all': 'x',
    'nothing between dots': '..',
  }
  const refused = new Set<string>()
  for (const [attack, token] of Object.entries(attacks)) {
    const { status, body, headers } = await ask(`${bench.url}/runs`, bearer(token))
    assert.equal(status, 401, attack)
    assert.match(headers.get('www-authenticate') ?? '', /^Bearer .*error="invalid_token"$/, attack)
    refused.add(JSON.stringify(body))
  }
  assert.equal(refused.size, 1)
  const stale = await ask(`${bench.url}/runs`, bearer(await sign({ exp: -1 })))
  assert.deepEqual([stale.status, stale.body.detail], [401, 'The token has expired: get a new one.'])
  assert.equal(await statusFor(good), 200)
})

test('a token in the address is no token', async () => {
  for (const name of ['token', 'access_token', 'authorization'])
    assert.equal((await ask(`${bench.url}/runs?${name}=${await sign()}`)).status, 401)
})

test('a run token is for one run, or one key, and for what it says', async () => {
  const [run, other] = [await bench.openRun({ tenant: 'blue', key: 'k1' }), await bench.openRun({ tenant: 'blue' })]
  const statusOf = async (token: string, path: string, method = 'GET') =>
    (await ask(`${bench.url}${path}`, { ...bearer(token), method })).status
  const mint = (options: Partial<MintOptions>) =>
    mintRunToken({ secret: SECRET, tenant: 'blue', ...options } as MintOptions)
  const byId = await mint({ run: run.toUpperCase() })
  const byKey = await mint({ workflow: 'import', key: 'k1', actions: ['run:read', 'run:cancel'], id: 'bob' })
  for (const token of [byId, byKey]) {
    assert.equal(await statusOf(token, `/runs/${run}`), 200)
    assert.equal(await statusOf(token, '/workflows/import/keys/k1'), 200)
    for (const path of [`/runs/${other}`, '/workflows/import/keys/k2']) assert.equal(await statusOf(token, path), 404)
    for (const path of ['/runs', '/stats', '/metrics']) assert.equal(await statusOf(token, path), 403)
    assert.equal(await statusOf(token, `/runs/${other}/cancel`, 'POST'), 404)
  }
  assert.equal(await statusOf(byId, `/runs/${run}/cancel`, 'POST'), 403)
  assert.equal(await statusOf(byKey, `/runs/${run}/cancel`, 'POST'), 200)
  assert.equal(
    await bench.sql("select actor from stepcast.journal where run_id = $1 and action = 'cancel'", run),
    'bob',
  )
  assert.equal(await statusOf(await mint({ run, tenant: 'red' }), `/runs/${run}`), 404)
})

test('what no run token can be is refused when it is minted', async () => {
  const run = '01890000-0000-7000-8000-000000000000'
  const wrong = [
    { run: 'x' },
    {},
    { workflow: 'a' },
    { run, secret: 'short' },
    { run, expiresIn: '2d' },
    { run, expiresIn: 0 },
  ]
  for (const options of [
    ...wrong,
    { run, actions: ['run:own'] },
    { run, expiresIn: 'soon' },
    ...EMPTY.map((one) => ({ run, ...one })),
  ])
    await assert.rejects(mintRunToken({ secret: SECRET, ...options } as MintOptions), /./, JSON.stringify(options))
})

test('a stream ends within a minute of its token, whatever the clock is set to meanwhile', (t) => {
  const clock = { now: 0 }
  t.mock.method(Date, 'now', () => clock.now)
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const pass = () => {
    clock.now += MINUTE
    t.mock.timers.tick(MINUTE)
  }
  const res = new ServerResponse(new IncomingMessage(new Socket()))
  new Watcher(res, { endsWithRun: false, expiresAt: new Date(60 * MINUTE) })
  pass()
  clock.now = 58 * MINUTE
  pass()
  assert.equal(res.writableEnded, false)
  pass()
  assert.equal(res.writableEnded, true)
})

test('a stream ends when its token does, says so, and goes on with a new one', async () => {
  const run = await bench.openRun({ tenant: 'blue' })
  const mint = (expiresIn: number) => mintRunToken({ secret: SECRET, run, tenant: 'blue', expiresIn })
  const url = `${bench.url}/runs/${run}/events`
  const old = await mint(1_000)
  using first = await (await TestStream.open(url, bearer(old))).ready()
  await first.closed()
  assert.equal(first.comments.at(-1), 'expired')
  assert.deepEqual(first.retries.slice(1), [0])
  assert.equal((await ask(url, bearer(old))).status, 401)
  const { id = '' } = first.events[0] ?? {}
  await bench.sql("select stepcast.begin_step($1, 'load')", run)
  using second = await (await TestStream.open(url, bearer(await mint(60_000), { 'last-event-id': id }))).ready()
  assert.deepEqual(
    second.events.map(({ name }) => name),
    ['patch'],
  )
})

test('run tokens work beside an application that knows its users itself', async () => {
  await using own = await openBench({
    jwt: { secret: SECRET },
    authenticate: (ctx) => (ctx.get('cookie') === 'session=1' ? { id: 'eve', tenant: 'blue' } : null),
  })
  const run = await own.openRun({ tenant: 'blue' })
  const url = `${own.url}/runs/${run}`
  assert.equal((await ask(url, { headers: { cookie: 'session=1' } })).status, 200)
  assert.equal((await ask(url, bearer(await mintRunToken({ secret: SECRET, run, tenant: 'blue' })))).status, 200)
  assert.equal((await ask(url, bearer(await sign()))).status, 401)
})

test('keys from an address: those that it has now, by their own algorithms, of the issuer it belongs to', async (t) => {
  await using keys = await serveKeys()
  const [old, next] = [await keyPair('one'), await keyPair('two', 'ES256')]
  keys.set = [old.jwk]
  await using server = await startServer({ databaseUrl: bench.databaseUrl, port: 0, jwt: { jwksUrl: keys.url } })
  const issuer = new URL(keys.url).origin
  assert.equal(await statusFor(await old.sign({ iss: issuer }), server.url), 200)
  assert.equal(await statusFor(await old.sign({ iss: `${issuer}/` }), server.url), 200)
  assert.equal(await statusFor(await old.sign({ iss: 'https://elsewhere.example' }), server.url), 401)
  assert.equal(await statusFor(await old.sign(), server.url), 401)
  assert.equal(await statusFor(await sign({ iss: issuer }, JSON.stringify(old.jwk), { kid: 'one' }), server.url), 401)

  const rotated = await next.sign({ iss: issuer })
  assert.equal(await statusFor(rotated, server.url), 401)
  keys.set = [next.jwk]
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 31_000 })
  assert.equal(await statusFor(rotated, server.url), 200)
  assert.equal(await statusFor(await old.sign({ iss: issuer }), server.url), 401)
})

test('no header of a token says where or what the key is that checks it', async () => {
  await using keys = await serveKeys()
  await using theirs = await serveKeys()
  const [ours, evil] = [await keyPair('one'), await keyPair('one')]
  keys.set = [ours.jwk]
  theirs.set = [evil.jwk]
  await using server = await startServer({
    databaseUrl: bench.databaseUrl,
    port: 0,
    jwt: { jwksUrl: keys.url, secret: SECRET },
  })
  const issuer = new URL(keys.url).origin
  const claims = { iss: issuer }
  assert.equal(await statusFor(await ours.sign(claims), server.url), 200)
  const before = keys.asked
  const tricks = [
    {},
    { jku: theirs.url },
    { x5u: theirs.url },
    { jwk: evil.jwk },
    { kid: theirs.url, jku: theirs.url },
    { kid: '../../../../dev/null' },
    { kid: "one' or '1'='1" },
    { kid: '__proto__' },
    { kid: undefined },
    { x5c: ['MIIB'], x5t: 'x' },
  ]
  for (const header of tricks)
    assert.equal(await statusFor(await evil.sign(claims, header), server.url), 401, JSON.stringify(header))
  // Signed with what everybody knows of the key, as if that were a secret; and by the secret, as if it were the key's.
  for (const known of [JSON.stringify(ours.jwk), await exportSPKI(ours.publicKey)])
    assert.equal(await statusFor(await sign(claims, known.padEnd(32, ' '), { kid: 'one' }), server.url), 401)
  assert.equal(theirs.asked, 0)
  assert.ok(keys.asked <= before + 1, `fetched ${keys.asked - before} times`)
})

test('while the keys cannot be fetched the answer is 503, not 401', async () => {
  await using keys = await serveKeys()
  await using server = await startServer({ databaseUrl: bench.databaseUrl, port: 0, jwt: { jwksUrl: keys.url } })
  const { sign: signed, jwk } = await keyPair('one')
  const token = await signed({ iss: new URL(keys.url).origin })
  assert.equal(await statusFor(token, server.url), 503)
  keys.set = [jwk]
  assert.equal(await statusFor(token, server.url), 200)
})

test('a secret that could be guessed, and keys that others could swap, start no server', async () => {
  const start = (jwt: object) => startServer({ databaseUrl: NOWHERE, port: 0, jwt })
  await assert.rejects(start({ secret: 'short' }), /32 bytes/)
  await assert.rejects(start({ jwksUrl: 'http://idp.example/keys' }), /https/)
  await assert.rejects(start({}), /secret or a jwksUrl/)
})

async function keyPair(kid: string, alg = 'RS256') {
  const { privateKey, publicKey } = await generateKeyPair(alg)
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid, alg }
  const signed = (claims = {}, header = {}) =>
    new SignJWT(claimsOf(claims)).setProtectedHeader({ alg, kid, ...header }).sign(privateKey)
  return { jwk, publicKey, sign: signed }
}

/** Tokens that bring a secret of their own, or say where one is. */
async function bringingTheirKeys(): Promise<Record<string, string>> {
  const own = 'a secret of whoever signed, also long'
  const jwk = { kty: 'oct', k: Buffer.from(own).toString('base64url'), alg: 'HS256' }
  const headers = { jwk, jku: 'https://evil.example/keys', x5u: 'https://evil.example/x', kid: '/dev/null', kid2: '' }
  const signed = Object.entries(headers).map(async ([name, value]) => {
    const header = { [name.replace(/\d/, '')]: value } as Record<string, string>
    return [`a key of its own by ${name}`, await sign({}, own, header)]
  })
  return Object.fromEntries(await Promise.all(signed))
}

/** An identity provider's keys, and how often somebody asked for them; without a set it answers 500. */
async function serveKeys() {
  const state: { url: string; set: JWK[] | null; asked: number } = { url: '', set: null, asked: 0 }
  const server = createServer((_, res) => {
    state.asked++
    res
      .writeHead(state.set ? 200 : 500, { 'content-type': 'application/json' })
      .end(JSON.stringify({ keys: state.set ?? [] }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/.well-known/jwks.json`
  return Object.assign(state, { [Symbol.asyncDispose]: async () => void server.close() })
}
