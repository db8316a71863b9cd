import { within } from '../../db/within.ts'
import { nameOf, type Principal } from '../access/principal.ts'
import { Problem, tooManyRequests } from '../problem.ts'
import { addressOf } from './address.ts'

export interface CapOptions {
  /** Streams that may be open in this process; one more gets 503. Default 20,000, with some 12 KB of heap each. */
  maxStreams?: number | undefined
  /**
   * Streams that may be open from one address; one more gets 429. Default 5,000: enough for a company behind one
   * address, with room left for others. An IPv6 address counts as its /64 network. Addresses of this machine are not
   * counted, since a proxy there stands for everybody. The address is Koa's `ctx.ip`: if a proxy stands in front of the
   * application, set `app.proxy`, or `trustedProxies` of `startServer`.
   */
  maxStreamsPerAddress?: number | undefined
  /**
   * Streams that one principal may have open; one more gets 429. Default 1,000. Without authentication nobody is
   * counted.
   */
  maxStreamsPerPrincipal?: number | undefined
  /**
   * Other requests that one principal may have under way, until their responses have been received; one more gets 429.
   * Default 100, with some MB of response each at worst. Without authentication nobody is counted.
   */
  maxRequestsPerPrincipal?: number | undefined
}

const PROCESS_RETRY_S = 5
const RETRY_S = 30
const REQUEST_RETRY_S = 1

/** How many streams are open and requests under way, and for whom. */
export class Caps {
  readonly #limits: Required<{ [Name in keyof CapOptions]: number }>
  readonly #addresses = new Map<string, number>()
  readonly #principals = new Map<string, number>()
  readonly #requests = new Map<string, number>()
  #total = 0
  #underway = 0
  #quiet = Promise.withResolvers<void>()

  constructor({
    maxStreams = 20_000,
    maxStreamsPerAddress = 5_000,
    maxStreamsPerPrincipal = 1_000,
    maxRequestsPerPrincipal = 100,
  }: CapOptions) {
    this.#limits = { maxStreams, maxStreamsPerAddress, maxStreamsPerPrincipal, maxRequestsPerPrincipal }
  }

  /** Takes the place of a request and returns what gives it back. `principal` null: there is no authentication. */
  enter(principal: Principal | null): () => void {
    const { maxRequestsPerPrincipal } = this.#limits
    const name = principal && nameOf(principal)
    if (isFull(this.#requests, name, maxRequestsPerPrincipal)) throw tooManyUnderway(maxRequestsPerPrincipal)
    count(this.#requests, name, 1)
    this.#underway += 1
    return () => {
      count(this.#requests, name, -1)
      this.#underway -= 1
      if (this.#underway === 0) this.#quiet.resolve()
    }
  }

  /** Resolves when no request at all is under way, or after `withinMs`. */
  async quiet(withinMs: number): Promise<void> {
    if (this.#underway === 0) return
    this.#quiet = Promise.withResolvers()
    await within(withinMs, this.#quiet.promise)
  }

  /** Takes the place of a stream and returns what gives it back. */
  enterStream(ip: string, principal: Principal | null): () => void {
    const { maxStreams, maxStreamsPerAddress, maxStreamsPerPrincipal } = this.#limits
    if (this.#total >= maxStreams) throw tooMany(503, 'This server has', maxStreams, PROCESS_RETRY_S)
    const address = addressOf(ip)
    const name = principal && nameOf(principal)
    if (isFull(this.#addresses, address, maxStreamsPerAddress)) {
      throw tooMany(429, 'Your address has', maxStreamsPerAddress, RETRY_S)
    }
    if (isFull(this.#principals, name, maxStreamsPerPrincipal)) {
      throw tooMany(429, 'You have', maxStreamsPerPrincipal, RETRY_S)
    }
    this.#add(address, name, 1)
    return () => this.#add(address, name, -1)
  }

  #add(address: string | null, principal: string | null, by: 1 | -1): void {
    this.#total += by
    count(this.#addresses, address, by)
    count(this.#principals, principal, by)
  }
}

function isFull(open: Map<string, number>, name: string | null, limit: number): boolean {
  return name !== null && (open.get(name) ?? 0) >= limit
}

function count(open: Map<string, number>, name: string | null, by: 1 | -1): void {
  if (name === null) return
  const now = (open.get(name) ?? 0) + by
  if (now > 0) open.set(name, now)
  else open.delete(name)
}

function tooMany(status: 429 | 503, whose: string, limit: number, retryS: number): Problem {
  const detail = `${whose} ${limit} streams open, which is the limit. Close some, or try again later.`
  const members = { type: 'urn:stepcast:too-many-streams', title: 'Too many streams', detail }
  return new Problem(status, members, { 'Retry-After': String(retryS) })
}

function tooManyUnderway(limit: number): Problem {
  const detail = `You have ${limit} requests under way, which is the limit. Wait for their answers.`
  return tooManyRequests(detail, REQUEST_RETRY_S)
}
