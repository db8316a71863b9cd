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
  const message = thrown instanceof Error ? text(() => thrown.message) || text(() => thrown.name) : text(() => thrown)
  return message || 'unknown error'
}

function stackOf(thrown: unknown): string {
  return (thrown instanceof Error && text(() => thrown.stack)) || messageOf(thrown)
}

/** Anything can be thrown, and not everything becomes a text: an object without a prototype, a stack that throws. */
function text(read: () => unknown): string {
  try {
    return String(read() ?? '')
  } catch {
    return ''
  }
}

function chainOf(thrown: unknown): unknown[] {
  const chain = [thrown]
  for (let error = thrown; error instanceof Error && error.cause !== undefined && chain.length < CAUSES; ) {
    error = error.cause
    chain.push(error)
  }
  return chain
}

/** The class of what was thrown, as `TypeError`; of what is no error, its type. */
export function kindOf(thrown: unknown): string {
  return cut((thrown instanceof Error && text(() => thrown.name)) || typeof thrown, KIND_LENGTH)
}
