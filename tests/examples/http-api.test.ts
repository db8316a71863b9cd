import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { cancelRun, startRun } from '../../db/runs.ts'
import { type Charge, createPaymentsApi } from '../../examples/http-api/payments-api.ts'
import { registerWorkflows } from '../../worker/register.ts'
import { startWorker } from '../../worker/start.ts'
import { useDatabase } from '../support/fixture.ts'
import { startProcess } from '../support/process.ts'
import { finished, waitForRow } from '../support/wait.ts'

const COMMAND = join(import.meta.dirname, '../../cli/main.ts')
const CONFIG = join(import.meta.dirname, '../../examples/http-api/stepcast.config.ts')
const OWNER = { tenant: 'default', actor: 'test' }

const db = await useDatabase()
const payments = createPaymentsApi()
await once(payments.server.listen(0, '127.0.0.1'), 'listening')
const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const paymentsUrl = urlOf(payments.server)
// The example reads its settings when it is imported.
process.env.PAYMENTS_URL = paymentsUrl
const { chargeOrder } = await import('../../examples/http-api/stepcast.config.ts')
after(() => {
  payments.server.closeAllConnections()
  payments.server.close()
})
await db.rows(await readFile(join(import.meta.dirname, '../../examples/http-api/schema.sql'), 'utf8'))
await registerWorkflows(db.pool, [chargeOrder])

const work = () => startWorker({ workflows: [chargeOrder], databaseUrl: db.url })
const workInProcess = () => startProcess(COMMAND, ['worker', '--workflows', CONFIG], { env: { DATABASE_URL: db.url } })

async function startFor(order: string, customer = 'ada'): Promise<string> {
  await db.rows("insert into orders (id, customer, cents, currency) values ($1, $2, 4200, 'EUR')", [order, customer])
  return startAgain(order)
}

async function startAgain(order: string): Promise<string> {
  return (await startRun(db.pool, { ...OWNER, workflow: 'charge_order', input: { order } })).id
}

async function chargesOf(order: string): Promise<Charge[]> {
  return (await (await fetch(`${paymentsUrl}/charges?reference=${encodeURIComponent(order)}`)).json()) as Charge[]
}

/** Keeps the API from answering for a charge that it has made. */
function holdAnswers() {
  const charged = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  payments.beforeAnswer = () => {
    charged.resolve()
    return gate.promise
  }
  const release = () => {
    gate.resolve()
    payments.beforeAnswer = async () => {}
  }
  return { charged: charged.promise, release }
}

/** The API's charges and the rows of an order: what must be one each. */
async function assertChargedOnce(order: string): Promise<void> {
  const [charge, ...others] = await chargesOf(order)
  assert.equal(others.length, 0, 'charged once')
  assert.deepEqual(await db.rows('select id, cents from charges where order_id = $1', [order]), [
    { id: charge?.id, cents: 4200 },
  ])
  assert.equal(await db.value('select status from orders where id = $1', [order]), 'paid')
}

function post(key: string | null, body: object, url = paymentsUrl): Promise<Response> {
  const headers = key === null ? {} : { 'idempotency-key': `"${key}"` }
  return fetch(`${url}/charges`, { method: 'POST', headers, body: JSON.stringify(body) })
}

test('an order is charged, and the charge recorded', async () => {
  await using _ = await work()
  const run = await startFor('plain')
  assert.equal((await finished(db.url, run)).error, null)
  await assertChargedOnce('plain')
})

test('killed after the charge and before its answer: the other worker asks again, and is charged nothing', async () => {
  const held = holdAnswers()
  const run = await startFor('unanswered')
  await using victim = workInProcess()
  await held.charged
  victim.child.kill('SIGKILL')
  await victim.ended

  // The first request is going on still, as far as the API knows: until then the second is told to come back.
  await using _ = await work()
  const refused = new Promise<void>((resolve) => {
    payments.server.on('request', (_request, response) =>
      response.on('finish', () => response.statusCode === 409 && resolve()),
    )
  })
  await refused
  held.release()
  assert.equal((await finished(db.url, run)).error, null)
  await assertChargedOnce('unanswered')
})

test('killed after the answer and before the commit: the other worker is given the same answer', async () => {
  const blocker = await db.pool.connect()
  await blocker.query('begin; lock table charges in exclusive mode')
  const run = await startFor('uncommitted')
  await using victim = workInProcess()
  const waiting = `select from pg_locks where relation = 'charges'::regclass and not granted`
  while ((await db.rows(waiting)).length === 0) await sleep(10)
  victim.child.kill('SIGKILL')
  await victim.ended
  await blocker.query('commit')
  blocker.release()
  assert.deepEqual(await db.rows("select from charges where order_id = 'uncommitted'"), [], 'nothing was recorded')
  assert.equal((await chargesOf('uncommitted')).length, 1, 'though the charge was made')

  await using _ = await work()
  assert.equal((await finished(db.url, run)).error, null)
  await assertChargedOnce('uncommitted')
})

test('an order that is changed meanwhile does not change the request of the next attempt', async () => {
  const run = await startFor('changed')
  const blocker = await db.pool.connect()
  await blocker.query('begin; lock table charges in exclusive mode')
  await using victim = workInProcess()
  while ((await chargesOf('changed')).length === 0) await sleep(10)
  victim.child.kill('SIGKILL')
  await victim.ended
  await blocker.query('commit')
  blocker.release()
  await db.rows("update orders set cents = 1 where id = 'changed'")
  await using _ = await work()
  assert.equal((await finished(db.url, run)).error, null)
  await assertChargedOnce('changed')
})

test('two runs of one order, started before either has charged, charge it once', async () => {
  const held = holdAnswers()
  const runs = [await startFor('twice'), await startAgain('twice')]
  await using _ = await work()
  const bothCharge = `select from stepcast.steps where run_id = any($1) and step = 'charge' and status = 'running' having count(*) = 2`
  await waitForRow(db.url, bothCharge, [runs])
  held.release()
  for (const run of runs) assert.equal((await finished(db.url, run)).error, null)
  await assertChargedOnce('twice')
})

test('an order that was charged in another way is not recorded twice: the run says so and fails', async () => {
  const run = await startFor('elsewhere')
  const other = "insert into charges (id, order_id, cents, run_id) values ('ch_other', 'elsewhere', 4200, $1)"
  await db.rows(other, [run])
  await using _ = await work()
  const { error } = await finished(db.url, run)
  assert.match(String(error), /Order elsewhere is charged twice, as ch_other and as ch_/)
  assert.deepEqual(await db.rows("select id from charges where order_id = 'elsewhere'"), [{ id: 'ch_other' }])
})

test('a run that ends after the charge and before its answer: a new run of the order is given that charge', async () => {
  const held = holdAnswers()
  const run = await startFor('ended')
  await using _ = await work()
  await held.charged
  await cancelRun(db.pool, { ...OWNER, run })
  held.release()
  assert.equal((await finished(db.url, await startAgain('ended'))).error, null)
  await assertChargedOnce('ended')
})

test('an order that was declined is charged by a new run once the customer has another card', async () => {
  await using _ = await work()
  assert.equal((await finished(db.url, await startFor('new card', 'broke-bob'))).status, 'failed')
  await db.rows("update orders set customer = 'bob', card = card + 1 where id = 'new card'")
  assert.equal((await finished(db.url, await startAgain('new card'))).error, null)
  await assertChargedOnce('new card')
})

test('the name of an order may be any text, though that of a key in a header may not', async () => {
  await using _ = await work()
  assert.equal((await finished(db.url, await startFor('订单 "1"/2'))).error, null)
  await assertChargedOnce('订单 "1"/2')
})

test('a refusal of the API is the failure of the step, in its words', async () => {
  await using _ = await work()
  const { status, error } = await finished(db.url, await startFor('declined', 'broke-bob'))
  assert.deepEqual({ status, error }, { status: 'failed', error: 'Payments API: The card of broke-bob was declined.' })
  assert.equal((await chargesOf('declined')).length, 0)
})

test('the stand-in honours the header: same key, same answer; another body 422; going on 409; no key 400', async () => {
  const body = { reference: 'direct', customer: 'grace', cents: 5, currency: 'EUR' }
  const first = await (await post('k', body)).json()
  assert.deepEqual(await (await post('k', body)).json(), first)
  assert.equal((await post('k', { ...body, cents: 6 })).status, 422)
  assert.equal((await post(null, body)).status, 400)
  const held = holdAnswers()
  const going = post('l', { ...body, reference: 'slow' })
  await held.charged
  const meanwhile = await post('l', { ...body, reference: 'slow' })
  assert.equal(meanwhile.status, 409)
  assert.match(meanwhile.headers.get('content-type') ?? '', /problem\+json/)
  held.release()
  assert.equal((await going).status, 201)
  assert.equal((await chargesOf('direct')).length, 1)
})

test('the stand-in, started again, gives no charge an id that it gave before', async () => {
  const { server } = createPaymentsApi()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  after(() => server.close())
  const body = { reference: 'later', customer: 'grace', cents: 5, currency: 'EUR' }
  const { id } = (await (await post('later', body, urlOf(server))).json()) as Charge
  assert.ok(payments.charges.length > 0 && payments.charges.every((charge) => charge.id !== id))
})

test('the stand-in answers 400 to what it cannot read, and goes on', async () => {
  assert.equal((await fetch(`${paymentsUrl}//`)).status, 400)
  const send = (body: string) => {
    const headers = { 'idempotency-key': '"unread"' }
    return fetch(`${paymentsUrl}/charges`, { method: 'POST', headers, body })
  }
  for (const body of ['', 'no JSON', 'null', '{"customer": 5}']) assert.equal((await send(body)).status, 400, body)
  const body = { reference: 'unread', customer: 'grace', cents: 5, currency: 'EUR' }
  assert.equal((await post('unread', body)).status, 201, 'the key was not used up')
})

test('the stand-in goes on when a client is cut off while it sends', async () => {
  const { port } = payments.server.address() as AddressInfo
  const client = connect(port, '127.0.0.1')
  client.write(
    'POST /charges HTTP/1.1\r\nhost: localhost\r\nidempotency-key: "cut"\r\ncontent-length: 90\r\n\r\n{"reference":',
  )
  const [, response] = await once(payments.server, 'request')
  client.destroy()
  await once(response, 'close')
  assert.deepEqual(await chargesOf('cut'), [])
})
