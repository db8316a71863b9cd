import { SignJWT } from 'jose'

export const SECRET = 'a secret that is long enough for HS256'

/** Undefined: without that claim. */
export interface Claims {
  sub?: string | undefined
  aud?: string | string[] | undefined
  iss?: string | undefined
  /** Seconds from now. */
  exp?: number | undefined
  [claim: string]: unknown
}

/** What an application would sign for a user: good for a minute unless the claims say otherwise. */
export function sign(claims: Claims = {}, secret = SECRET, header: Record<string, string> = {}): Promise<string> {
  return new SignJWT(claimsOf(claims))
    .setProtectedHeader({ alg: 'HS256', ...header })
    .sign(new TextEncoder().encode(secret))
}

export function claimsOf({ ...claims }: Claims): Record<string, unknown> {
  const { exp, ...all } = { sub: 'ada', aud: 'stepcast', tenant: 'blue', exp: 60, ...claims }
  return { ...all, ...(exp === undefined ? {} : { exp: Math.floor(Date.now() / 1_000) + exp }) }
}

export function bearer(token: string, more: Record<string, string> = {}): { headers: Record<string, string> } {
  return { headers: { authorization: `Bearer ${token}`, ...more } }
}
