import {
  createRemoteJWKSet,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose'
import type { Context } from 'koa'
import { z } from 'zod'
import { isTamperProof } from '../host.ts'
import { Problem, unavailable } from '../problem.ts'
import { ACTIONS, type Action, nameShape, type Principal, scopeShape } from './principal.ts'
import { RUN_AUDIENCE, RUN_TYPE, secretKey } from './run-token.ts'

export interface JwtOptions {
  /** Shared with the application that signs the tokens; also signs run tokens. At least 32 bytes. */
  secret?: string | undefined
  /**
   * Address of the issuer's public keys, which are fetched when needed, and again when a token names an unknown key.
   * https, or loopback.
   */
  jwksUrl?: string | undefined
  /** Default `stepcast`. */
  audience?: string | undefined
  /** Default: the origin of `jwksUrl`, with or without a trailing slash; with only `secret`, any issuer. */
  issuer?: string | undefined
}

// Pinned, and disjoint: what a private key signed is never checked with the secret, nor the other way round.
const BY_SECRET = ['HS256']
const BY_KEY = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA', 'Ed25519']
const REQUIRED = ['exp', 'sub']
/** How far, in seconds, an issuer's clock may be ahead: many tokens are valid from the moment in which they are issued. */
const CLOCK_TOLERANCE_S = 30
/** What a token without the claim `actions` allows: all but deletion, which is final, and what may show secrets. */
const USUAL = ACTIONS.filter((action) => action !== 'run:delete' && action !== 'run:debug')

/** The latest time that a Date can hold, in seconds. A timer that waits for an invalid date would fire without end. */
const LAST_TIME = 8.64e12

const base = z.object({ sub: nameShape, exp: z.number().max(LAST_TIME) })
const userClaims = base.extend({
  tenant: nameShape.default('default'),
  operator: z.boolean().default(false),
  actions: z.array(z.string()).default(USUAL),
})
const runClaims = base.extend({ tenant: nameShape, actions: z.array(z.string()), only: scopeShape })

/** Finds the principal of a bearer token. */
export class Tokens {
  readonly #secret: Uint8Array | null
  readonly #keys: JWTVerifyGetKey | null
  readonly #audience: string
  readonly #issuers: { bySecret?: string[]; byKey?: string[] }

  /** @throws an error if the secret is too short, the URL cannot be trusted, or both are missing */
  constructor({ secret, jwksUrl, audience = 'stepcast', issuer }: JwtOptions) {
    if (secret === undefined && jwksUrl === undefined)
      throw new TypeError('The option jwt needs a secret or a jwksUrl.')
    const url = jwksUrl === undefined ? null : trusted(jwksUrl)
    this.#secret = secret === undefined ? null : secretKey(secret)
    this.#keys = url && keysAt(url)
    this.#audience = audience
    this.#issuers = issuer
      ? { bySecret: [issuer], byKey: [issuer] }
      : url
        ? { byKey: [url.origin, `${url.origin}/`] }
        : {}
  }

  /** Whether it was made by `mintRunToken`, or claims to be. */
  isRunToken(token: string): boolean {
    return this.#secret !== null && headerOf(token).typ === RUN_TYPE
  }

  /** 401 for a token that is not accepted; 503 while the keys that it would be checked with cannot be fetched. */
  async verify(token: string): Promise<Principal> {
    try {
      if (this.isRunToken(token)) return principalOf(runClaims.parse(await this.#readRunToken(token)))
      return principalOf(userClaims.parse(await this.#readUserToken(token)))
    } catch (error) {
      throw refusal(error)
    }
  }

  async #readRunToken(token: string): Promise<JWTPayload> {
    const checks = { audience: RUN_AUDIENCE, typ: RUN_TYPE, algorithms: BY_SECRET, requiredClaims: REQUIRED }
    return (await jwtVerify(token, this.#secret as Uint8Array, checks)).payload
  }

  async #readUserToken(token: string): Promise<JWTPayload> {
    const { bySecret, byKey } = this.#issuers
    const checks = { audience: this.#audience, requiredClaims: REQUIRED, clockTolerance: CLOCK_TOLERANCE_S }
    const isKeyed = this.#keys && !(this.#secret && BY_SECRET.includes(headerOf(token).alg ?? ''))
    const verified = isKeyed
      ? await jwtVerify(token, this.#keys as JWTVerifyGetKey, {
          ...checks,
          ...(byKey && { issuer: byKey }),
          algorithms: BY_KEY,
        })
      : await jwtVerify(token, this.#secret as Uint8Array, {
          ...checks,
          ...(bySecret && { issuer: bySecret }),
          algorithms: BY_SECRET,
        })
    return current(verified.payload)
  }
}

/** Its end is not tolerated to be over: streams end with it. */
function current(payload: JWTPayload): JWTPayload {
  if (Number(payload.exp) * 1_000 > Date.now()) return payload
  throw new errors.JWTExpired('it has expired', payload)
}

/** null: there is none. */
export function bearerOf(ctx: Context): string | null {
  return /^Bearer +([\w.~+/-]+=*)$/i.exec(ctx.get('Authorization'))?.[1] ?? null
}

/** 401. */
export class Unauthorized extends Problem {
  /**
   * Whether it may have been one guess of many. An expired token is no guess, nor is a request without credentials.
   */
  readonly isGuess: boolean

  constructor(detail: string, isGuess: boolean, error?: 'invalid_token') {
    const challenge = `Bearer realm="stepcast"${error === undefined ? '' : `, error="${error}"`}`
    super(401, { detail }, { 'WWW-Authenticate': challenge })
    this.isGuess = isGuess
  }
}

function headerOf(token: string): { typ?: string; alg?: string } {
  try {
    return decodeProtectedHeader(token)
  } catch {
    return {}
  }
}

interface Claims extends Omit<Principal, 'id' | 'expiresAt' | 'actions'> {
  sub: string
  exp: number
  actions: string[]
}

function principalOf({ sub: id, exp, actions, tenant, operator, only }: Claims): Principal {
  const known: Action[] = ACTIONS.filter((action) => actions.includes(action))
  return { id, tenant, operator, only, actions: known, expiresAt: new Date(exp * 1_000) }
}

/** For key rotation: if a token names an unknown key, the keys are fetched again, at most twice a minute. */
function keysAt(url: URL): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(url)
  return (header, token) => keys(header, token).catch(explain)
}

function explain(error: unknown): never {
  const isAboutToken = error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys
  if (isAboutToken) throw error
  throw unavailable('The keys that tokens are checked by cannot be fetched at the moment. Try again shortly.', error)
}

/** Refuses plain http: anyone in between could put keys of their own there. */
function trusted(jwksUrl: string): URL {
  const url = new URL(jwksUrl)
  if (isTamperProof(url)) return url
  throw new TypeError(`Keys come from an https address, or from this machine, not from ${url.protocol}//${url.host}.`)
}

function refusal(error: unknown): Problem {
  if (error instanceof Problem) return error
  // Expiry is only checked after the signature, so an expired token was a good one.
  const isOver = error instanceof errors.JWTExpired
  const why = isOver ? 'has expired: get a new one' : 'is not accepted: not signed as it should be, or not for this'
  return new Unauthorized(`The token ${why}.`, !isOver, 'invalid_token')
}
