import { misuse } from './failure.ts'

const FIRST = 8080
const TRIES = 20
/** The error codes of listening on a host name that does not exist, or belongs to another machine. */
const NO_HOST = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EADDRNOTAVAIL'])

/** Calls `listen` with PORT; without it, with 8080 and then the following ports until one is free. */
export async function withPort<T>(wanted: number | undefined, listen: (port: number) => Promise<T>): Promise<T> {
  if (wanted !== undefined) return listen(wanted).catch((error) => refuseBusy(error, wanted))
  for (let port = FIRST; port < FIRST + TRIES; port++) {
    const result = await listen(port).catch((error) => ignoreBusy(error, port))
    if (result !== null) return result
  }
  throw misuse(`The ports ${FIRST} to ${FIRST + TRIES - 1} are all in use. Name a free one: PORT=…, or PORT=0 for any.`)
}

/**
 * Explains what to do about a port from the variable `name` that cannot be used, or an address that is not this
 * machine's.
 */
export function refuseBusy(error: NodeJS.ErrnoException, port: number, name = 'PORT'): never {
  if (error.code === 'EADDRINUSE')
    throw misuse(`Port ${port}, which ${name} names, is in use. Name a free one, or 0 for any.`)
  if (NO_HOST.has(error.code ?? ''))
    throw misuse(`HOST names no address of this machine (${error.message}). Try 127.0.0.1, or 0.0.0.0 for all.`)
  if (error.code === 'ERR_OPEN_TO_STRANGERS') throw misuse(error.message)
  if (error.code === 'EACCES')
    throw misuse(`Port ${port}, which ${name} names, may only be used by root. Name one above 1023.`)
  throw error
}

function ignoreBusy(error: NodeJS.ErrnoException, port: number): null {
  if (error.code === 'EADDRINUSE' || error.code === 'EACCES') return null
  return refuseBusy(error, port)
}
