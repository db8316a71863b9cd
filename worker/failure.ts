import type { Failure } from '../db/engine.ts'
import type { Mask } from './secrets.ts'
import { clean, cut } from './text.ts'

const MESSAGE_LENGTH = 8 * 1024
const STACK_LENGTH = 64 * 1024
const KIND_LENGTH = 200
const CAUSES = 10

/** A thrown value as it is kept: its message, and its stack followed by those of its causes. */
export function describeFailure(thrown: unknown, mask: Mask = (text) => text): Failure {
  return {
    message: cut(clean(mask(messageOf(thrown))), MESSAGE_LENGTH),
    stack: cut(clean(mask(chainOf(thrown).map(stackOf).join('\nCaused by: '))), STACK_LENGTH),
  }
}

function messageOf(thrown: unknown): string {
  const message = isError(thrown) ? text(() => thrown.message) || text(() => thrown.name) : text(() => thrown)
  return message || 'unknown error'
}

function stackOf(thrown: unknown): string {
  return (isError(thrown) && text(() => thrown.stack)) || messageOf(thrown)
}

/** Anything can be thrown, and not everything becomes a text: an object without a prototype, a stack that throws. */
function text(read: () => unknown): string {
  return attempt(() => String(read() ?? '')) ?? ''
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function isError(thrown: unknown): thrown is Error {
  return attempt(() => thrown instanceof Error) ?? false
}

function causeOf(thrown: unknown): unknown {
  return isError(thrown) ? attempt(() => thrown.cause) : undefined
}

function chainOf(thrown: unknown): unknown[] {
  const chain = [thrown]
  for (let cause = causeOf(thrown); cause !== undefined && chain.length < CAUSES; cause = causeOf(cause)) {
    chain.push(cause)
  }
  return chain
}

/** The class of what was thrown, as `TypeError`; of what is no error, its type. */
export function kindOf(thrown: unknown): string {
  return cut((isError(thrown) && text(() => thrown.name)) || typeof thrown, KIND_LENGTH)
}
