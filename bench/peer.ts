import { createRequire } from 'node:module'

/** A peer that cannot be measured here. The message names it, and says how to install it. */
export class PeerMissing extends Error {}

const require = createRequire(new URL('./peers/package.json', import.meta.url))

/**
 * Loads a package of bench/peers. The caller declares the part of it that it uses: without the package, there are no
 * types. Throws PeerMissing.
 */
export function loadPeer<T>(name: string): T {
  try {
    return require(name) as T
  } catch (cause) {
    if ((cause as { code?: string }).code !== 'MODULE_NOT_FOUND') throw cause
    throw new PeerMissing(`it needs ${name}: npm --prefix bench/peers install`, { cause })
  }
}

/** null for a peer that is not installed; standard error then says so. */
export async function orMissing<T>(peer: Promise<T>): Promise<T | null> {
  try {
    return await peer
  } catch (error) {
    if (!(error instanceof PeerMissing)) throw error
    process.stderr.write(`A peer is left out: ${error.message}\n`)
    return null
  }
}
