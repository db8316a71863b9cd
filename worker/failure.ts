import type { Failure } from '../db/engine.ts'
import { clean, cut } from './text.ts'

const MESSAGE_LENGTH = 8 * 1024
const STACK_LENGTH = 64 * 1024
const CAUSES = 10

/** A thrown value as it is kept: its message, and its stack followed by those of its causes. */
export function describeFailure(thrown: unknown): Failure {
  return {
    message: cut(clean(messageOf(thrown)), MESSAGE_LENGTH),
    stack: cut(clean(chainOf(thrown).map(stackOf).join('\nCaused by: ')), STACK_LENGTH),
  }
}

function messageOf(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message || thrown.name : String(thrown)
  return message || 'unknown error'
}

function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? `${thrown.name}: ${thrown.message}`) : String(thrown)
}

function chainOf(thrown: unknown): unknown[] {
  const chain = [thrown]
  for (let error = thrown; error instanceof Error && error.cause !== undefined && chain.length < CAUSES; ) {
    error = error.cause
    chain.push(error)
  }
  return chain
}
