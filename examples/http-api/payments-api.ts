/**
 * A stand-in for a payments provider's HTTP API, over real HTTP, that keeps its state in memory:
 *
 *   npx node examples/http-api/payments-api.ts [PORT]
 *
 * It honours the Idempotency-Key header as in the IETF draft (draft-ietf-httpapi-idempotency-key-header). The same key
 * gets the same response and makes no second charge; with another body the response is 422, while the first request is
 * in progress 409, and without a key 400. A request that cannot be read gets 400, and uses up no key.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { z } from 'zod'

const wanted = z.object({ reference: z.string(), customer: z.string(), cents: z.int(), currency: z.string() })

export interface Charge extends z.output<typeof wanted> {
  id: string
}

export interface Answer {
  status: number
  body: object
}

/** A request under a key: `answer` is null while it is in progress. */
interface Seen {
  body: string
  answer: Answer | null
}

export interface PaymentsApi {
  readonly server: Server
  /** All charges that were ever made. */
  readonly charges: readonly Charge[]
  /** Awaited after a charge is made and before the response is sent. Default: nothing. */
  beforeAnswer: () => Promise<void>
}

export function createPaymentsApi(): PaymentsApi {
  const charges: Charge[] = []
  const seen = new Map<string, Seen>()
  const server = createServer(async (request, response) => send(response, await answer(request)))
  const api: PaymentsApi = { server, charges, beforeAnswer: async () => {} }

  async function answer(request: IncomingMessage): Promise<Answer> {
    const url = URL.parse(request.url ?? '/', 'http://localhost')
    if (!url) return problem(400, 'This address cannot be read.')
    if (url.pathname !== '/charges') return problem(404, 'There is nothing here but /charges.')
    if (request.method === 'GET') return find(url.searchParams.get('reference'))
    const key = request.headers['idempotency-key']
    if (typeof key !== 'string') return problem(400, 'This operation requires the Idempotency-Key header.')
    // If the client has left before it sent everything, nobody receives the response.
    const body = await text(request).catch(() => '')
    const known = seen.get(key)
    if (!known) return chargeOnce(key, body)
    if (known.body !== body) return problem(422, 'This Idempotency-Key was used with another request.')
    return known.answer ?? problem(409, 'A request with this Idempotency-Key is still going on.')
  }

  async function chargeOnce(key: string, body: string): Promise<Answer> {
    const asked = readWanted(body)
    if (!asked) return problem(400, 'This body cannot be read as a charge.')
    const request: Seen = { body, answer: null }
    seen.set(key, request)
    const charge: Charge = { ...asked, id: `ch_${randomUUID()}` }
    if (charge.customer.startsWith('broke')) {
      request.answer = problem(402, `The card of ${charge.customer} was declined.`)
      return request.answer
    }
    charges.push(charge)
    await api.beforeAnswer()
    request.answer = { status: 201, body: charge }
    return request.answer
  }

  function find(reference: string | null): Answer {
    return { status: 200, body: charges.filter((charge) => charge.reference === reference) }
  }

  return api
}

/** null: it is not JSON, or not a charge. */
function readWanted(body: string): z.output<typeof wanted> | null {
  try {
    return wanted.parse(JSON.parse(body))
  } catch {
    return null
  }
}

function problem(status: number, detail: string): Answer {
  return { status, body: { status, detail } }
}

function send(response: ServerResponse, { status, body }: Answer): void {
  const type = status < 400 ? 'application/json' : 'application/problem+json'
  response.writeHead(status, { 'content-type': type, ...(status === 409 && { 'retry-after': '1' }) })
  response.end(JSON.stringify(body))
}

if (import.meta.main) {
  const port = Number(process.argv[2] ?? 8090)
  const { server } = createPaymentsApi()
  await once(server.listen(port, '127.0.0.1'), 'listening')
  process.stdout.write(`Payments are taken at http://127.0.0.1:${port}/charges\n`)
}
