import pg from 'pg'

const SECOND = 1_000
/** Somebody may accept a connection and never say a word: then it is given up. */
export const CONNECT_WITHIN_MS = 10 * SECOND

/**
 * For pools, whose own `connectionTimeoutMillis` would also be the longest that one waits for a connection that others
 * have.
 */
export class BoundedClient extends pg.Client {
  constructor(config: pg.ClientConfig = {}) {
    super({ connectionTimeoutMillis: CONNECT_WITHIN_MS, ...config })
  }
}

/** An address as pg reads it, which takes a user without a host too; null: it is no URL. */
export function parseAddress(address: string): URL | null {
  return URL.parse(address) ?? URL.parse(address.replace('@/', '@localhost/'))
}

/** Whether an error says that nobody answered in time, which pg gives no code. */
export function isUnanswered({ message }: Error): boolean {
  return /^(timeout expired|timeout exceeded when trying to connect|Connection terminated due to connection timeout)$/.test(
    message,
  )
}
