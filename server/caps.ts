import { isIPv6 } from 'node:net'
import { isLoopback } from './host.ts'
import type { Principal } from './principal.ts'
import { Problem } from './problem.ts'

export interface CapOptions {
  /** Streams that may be open in this process; one more is 503. Default 20,000, at some 10 KB each. */
  maxStreams?: number | undefined
  /**
   * Streams that may be open from one address; one more is 429. Default 5,000, so that a company behind one address is served
   * and yet leaves room for others. An IPv6 address counts as its /64 network. Addresses of this machine are not counted:
   * there a proxy speaks for everybody. The address is Koa's `ctx.ip`: where a proxy stands before the application, set
   * `app.proxy`, or `trustedProxies` of `startServer`.
   */
  maxStreamsPerAddress?: number | undefined
  /** Streams that one principal may have open; one more is 429. Default 1,000. Without `authenticate` nobody is counted. */
  maxStreamsPerPrincipal?: number | undefined
}

const PROCESS_RETRY_S = 5
const RETRY_S = 30

/** How many streams are open, and for whom. */
export class Caps {
  readonly #limits: Required<{ [Name in keyof CapOptions]: number }>
  readonly #open = new Map<string, number>()
  #total = 0

  constructor({ maxStreams = 20_000, maxStreamsPerAddress = 5_000, maxStreamsPerPrincipal = 1_000 }: CapOptions) {
    this.#limits = { maxStreams, maxStreamsPerAddress, maxStreamsPerPrincipal }
  }

  /** Takes a place, and returns what gives it back. `principal` null: nobody was asked who they are. */
  enter(ip: string, principal: Principal | null): () => void {
    const { maxStreams, maxStreamsPerAddress, maxStreamsPerPrincipal } = this.#limits
    const address = addressOf(ip)
    const names: string[] = []
    if (this.#total >= maxStreams) throw tooMany(503, 'This server has', maxStreams, PROCESS_RETRY_S)
    if (address !== null) names.push(this.#check(`address ${address}`, 'Your address has', maxStreamsPerAddress))
    if (principal) {
      const name = `principal ${JSON.stringify([principal.tenant, principal.id])}`
      names.push(this.#check(name, 'You have', maxStreamsPerPrincipal))
    }
    this.#add(names, 1)
    return () => this.#add(names, -1)
  }

  #check(name: string, whose: string, limit: number): string {
    if ((this.#open.get(name) ?? 0) >= limit) throw tooMany(429, whose, limit, RETRY_S)
    return name
  }

  #add(names: string[], by: 1 | -1): void {
    this.#total += by
    for (const name of names) {
      const count = (this.#open.get(name) ?? 0) + by
      if (count > 0) this.#open.set(name, count)
      else this.#open.delete(name)
    }
  }
}

/** What an address counts as; null: one of this machine. */
function addressOf(ip: string): string | null {
  const plain = ip.replace(/^::ffff:(?=\d+\.)/i, '')
  if (isLoopback(plain)) return null
  return isIPv6(plain) ? networkOf(plain) : plain
}

function networkOf(ip: string): string {
  const [head = [], tail] = ip.split('::').map((part) => part.split(':').filter(Boolean))
  const zeros = tail ? Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0') : []
  return [...head, ...zeros, ...(tail ?? [])].slice(0, 4).join(':')
}

function tooMany(status: 429 | 503, whose: string, limit: number, retryS: number): Problem {
  const detail = `${whose} ${limit} streams open, as many as may be. Close some, or try again later.`
  const members = { type: 'urn:stepcast:too-many-streams', title: 'Too many streams', detail }
  return new Problem(status, members, { 'Retry-After': String(retryS) })
}
