import type { Context } from 'koa'
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible'
import { nameOf, type Principal } from '../access/principal.ts'
import { Unauthorized } from '../access/tokens.ts'
import { tooManyRequests } from '../problem.ts'
import { addressOf } from './address.ts'

const MINUTE_SECONDS = 60

/** Counted per process: several servers each allow this much. */
export interface RateOptions {
  /** Requests of one principal. Default 6,000. */
  requestsPerMinute?: number | undefined
  /**
   * Requests from one address with credentials that are not accepted, except tokens that have merely expired; an IPv6
   * address counts as its /64 network. Default 60.
   */
  refusalsPerMinute?: number | undefined
}

/** Rate limits. An address as such is never shut out: behind a proxy it is everybody's. */
export class Rates {
  readonly #requests: RateLimiterMemory
  readonly #refusals: RateLimiterMemory

  constructor({ requestsPerMinute = 6_000, refusalsPerMinute = 60 }: RateOptions = {}) {
    this.#requests = new RateLimiterMemory({ points: requestsPerMinute, duration: MINUTE_SECONDS })
    this.#refusals = new RateLimiterMemory({ points: refusalsPerMinute, duration: MINUTE_SECONDS })
  }

  /** 429 for a principal with too many requests. */
  async count(principal: Principal): Promise<void> {
    await this.#requests.consume(nameOf(principal)).catch(refuse)
  }

  /** Rethrows the error, or throws 429 instead if it is one 401 too many. */
  async countRefusal({ ip }: Context, error: unknown): Promise<never> {
    if (error instanceof Unauthorized && error.isGuess) await this.#refusals.consume(addressOf(ip) ?? ip).catch(refuse)
    throw error
  }
}

function refuse({ msBeforeNext }: RateLimiterRes): never {
  const seconds = Math.max(1, Math.ceil(msBeforeNext / 1_000))
  throw tooManyRequests(`Too many requests: ask again in ${seconds} s.`, seconds)
}
