import pg from 'pg'

const SECOND = 1_000
/** A connection may be accepted and never answered: after this time it is given up. */
export const CONNECT_WITHIN_MS = 10 * SECOND

/**
 * For pools, whose own `connectionTimeoutMillis` would also limit the wait for a connection that is in use.
 */
export class BoundedClient extends pg.Client {
  constructor(config: pg.ClientConfig = {}) {
    super({ connectionTimeoutMillis: CONNECT_WITHIN_MS, ...config })
  }
}

/**
 * Calls `heed` whenever an idle connection of the pool is lost. The pool attaches the client to the error: whatever logs
 * the error would also log the keys of that session.
 */
export function onLost(pool: pg.Pool, heed: (error: Error) => void): pg.Pool {
  return pool.on('error', (error) => {
    Reflect.deleteProperty(error, 'client')
    heed(error)
  })
}

/** A connection string as pg reads it, which also accepts a user without a host; null: it is not a URL. */
export function parseAddress(address: string): URL | null {
  return URL.parse(address) ?? URL.parse(address.replace('@/', '@localhost/'))
}

/**
 * Throws a TypeError for what cannot be the address of a database; `what` says which option it is. Of anything else,
 * and of nothing, pg would make an address of its own, from the environment or on this machine. It is not shown,
 * because it may hold a password.
 */
export function checkAddress(what: string, given: unknown): void {
  if (typeof given === 'string' && /^(postgres(ql)?:|socket:|\/)/.test(given)) return
  const seen =
    typeof given === 'string' ? `a string that ${given === '' ? 'is empty' : 'begins otherwise'}` : typeof given
  throw new TypeError(`${what} must be the address of a database, which begins with postgres://, not ${seen}`)
}

/** Whether an error means that there was no answer in time, for which pg has no code. */
export function isUnanswered({ message }: Error): boolean {
  return /^(timeout expired|timeout exceeded when trying to connect|Connection terminated due to connection timeout)$/.test(
    message,
  )
}
