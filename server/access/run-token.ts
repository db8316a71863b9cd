import { randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import ms, { type StringValue } from 'ms'
import { ACTIONS, type Action, nameShape, type Scope, scopeShape } from './principal.ts'

const MINUTE = 60_000
const DEFAULT_MS = 15 * MINUTE
const LONGEST_MS = 24 * 60 * MINUTE
/** What HS256 needs: as many as its hash has. */
const SECRET_BYTES = 32

/** Distinguishes run tokens from every other token signed with the same secret. */
export const RUN_TYPE = 'stepcast-run+jwt'
export const RUN_AUDIENCE = 'stepcast-run'

interface Minting {
  /** The server's `jwt.secret`. */
  secret: string
  /** The actions that are allowed. Default: `run:read`. */
  actions?: readonly Action[] | undefined
  /** A string such as `'15m'`, as the package `ms` reads it, or milliseconds; a day at most. Default 15 minutes. */
  expiresIn?: StringValue | number | undefined
  /** The run's tenant. Default `default`. */
  tenant?: string | undefined
  /**
   * Recorded in the journal as the actor, and counted by the rate limits. Default: `run token` and a random number.
   */
  id?: string | undefined
}

/** For one run, or for every run under one key. */
export type MintOptions = Minting & Scope

/**
 * A short-lived token for a browser. Mint it where you know who makes the request: the server accepts it as it is.
 * Whether there is such a run is checked when the token is used.
 * @throws a RangeError or a TypeError that says which option is invalid
 */
export async function mintRunToken(options: MintOptions): Promise<string> {
  const { secret, actions = ['run:read'], expiresIn = DEFAULT_MS, tenant = 'default' } = options
  const { id = `run token ${randomUUID().slice(0, 8)}` } = options
  const unknown = actions.find((action) => !ACTIONS.includes(action))
  if (unknown !== undefined) throw new TypeError(`There is no action ${unknown}; actions are ${ACTIONS.join(', ')}.`)
  for (const [option, name] of Object.entries({ id, tenant })) {
    if (!nameShape.safeParse(name).success)
      throw new TypeError(`${option} of a run token must not be empty, or hold a NUL.`)
  }
  // A token's times are in whole seconds: rounded up, so that it does not expire before the requested time.
  const expiresAt = Math.ceil((Date.now() + lifetime(expiresIn)) / 1_000)
  return await new SignJWT({ tenant, actions, only: scopeOf(options) })
    .setProtectedHeader({ alg: 'HS256', typ: RUN_TYPE })
    .setSubject(id)
    .setAudience(RUN_AUDIENCE)
    .setIssuedAt()
    .setExpirationTime(expiresAt)
    .sign(secretKey(secret))
}

/** @throws a RangeError for a secret that is too short */
export function secretKey(secret: string): Uint8Array {
  const key = new TextEncoder().encode(secret)
  if (key.length >= SECRET_BYTES) return key
  throw new RangeError(`A secret for tokens needs ${SECRET_BYTES} bytes at least, this one has ${key.length}.`)
}

function scopeOf(options: Scope): Scope {
  const { run, workflow, key } = options as { run?: string; workflow?: string; key?: string }
  const { data } = scopeShape.safeParse(run === undefined ? { workflow, key } : { run })
  if (data) return data
  throw new TypeError('A run token is for a run by its id, or for a workflow and a key.')
}

function lifetime(expiresIn: StringValue | number): number {
  const wanted = typeof expiresIn === 'number' ? expiresIn : ms(expiresIn || '0')
  if (wanted > 0 && wanted <= LONGEST_MS) return wanted
  throw new RangeError(`A run token lives for a day at most, and expiresIn must be above 0, not ${expiresIn}.`)
}
