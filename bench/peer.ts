import { createRequire } from 'node:module'

/** A peer that cannot be measured here. The message says which, and how to get it. */
export class PeerMissing extends Error {}

const require = createRequire(new URL('./peers/package.json', import.meta.url))

/**
 * A package of bench/peers. The caller says which part of it it uses: the types are not there where it is not installed.
 * Throws PeerMissing.
 */
export function loadPeer<T>(name: string): T {
  try {
    return require(name) as T
  } catch (cause) {
    if ((cause as { code?: string }).code !== 'MODULE_NOT_FOUND') throw cause
    throw new PeerMissing(`it needs ${name}: npm --prefix bench/peers install`, { cause })
  }
}

/** Null for a peer that is not here, which is said on standard error. */
export async function orMissing<T>(peer: Promise<T>): Promise<T | null> {
  try {
    return await peer
  } catch (error) {
    if (!(error instanceof PeerMissing)) throw error
    process.stderr.write(`A peer is left out: ${error.message}\n`)
    return null
  }
}
