import { inspect } from 'node:util'
import type { Failure } from '../db/engine.ts'
import type { Mask } from './secrets.ts'
import { clean, cut } from './text.ts'

const MESSAGE_LENGTH = 8 * 1024
const STACK_LENGTH = 64 * 1024
const KIND_LENGTH = 200
const CAUSES = 10
const FETCH_FAILED = 'fetch failed'
/** If it were cut before it is masked, half of a secret would remain; if it were broken into lines, all of it. */
const PRINTED = { depth: 2, maxArrayLength: 20, maxStringLength: Infinity, breakLength: Infinity }

/** A thrown value as it is stored: its message, and its stack followed by those of its causes. */
export function describeFailure(thrown: unknown, mask: Mask = (text) => text): Failure {
  return {
    message: cut(clean(mask(messageOf(thrown))), MESSAGE_LENGTH),
    stack: cut(clean(mask([...gather(thrown)].map(stackOf).join('\nCaused by: '))), STACK_LENGTH),
  }
}

/**
 * An error without a message, as when no address of a host could be reached, is described by its reasons. So is Node's
 * of a fetch, whose message is always the same. Other reasons stay in the stack: not everyone may see them.
 */
function messageOf(thrown: unknown): string {
  const said = say(thrown)
  if (said !== '' && said !== FETCH_FAILED) return said
  const reasons = [...gather(thrown)].slice(1).map(say).filter(Boolean).join('; ')
  return [said, reasons].filter(Boolean).join(': ') || (isError(thrown) && text(() => thrown.name)) || 'unknown error'
}

function stackOf(thrown: unknown): string {
  return (isObject(thrown) && textIn(thrown, 'stack')) || messageOf(thrown)
}

/** Some libraries throw objects that are not errors and yet have a message. */
function say(thrown: unknown): string {
  if (!isObject(thrown)) return text(() => thrown)
  return textIn(thrown, 'message') || (isError(thrown) ? '' : print(thrown))
}

function textIn(thrown: object, name: 'message' | 'stack'): string {
  const member = attempt(() => (thrown as Partial<Error>)[name])
  return typeof member === 'string' ? member : ''
}

function print(thrown: object): string {
  const said = text(() => thrown)
  return said === '' || said.includes('[object ') ? text(() => inspect(thrown, PRINTED)) : said
}

function isObject(thrown: unknown): thrown is object {
  return typeof thrown === 'object' && thrown !== null
}

/** Not everything that can be thrown converts to a string: an object without a prototype, a stack that throws. */
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

/** What was thrown, and after each error the reasons that it gives, even if they are circular. */
function gather(thrown: unknown, found = new Set<unknown>()): Set<unknown> {
  if (found.has(thrown) || found.size === CAUSES) return found
  found.add(thrown)
  for (const reason of reasonsOf(thrown)) gather(reason, found)
  return found
}

function reasonsOf(thrown: unknown): unknown[] {
  if (!isError(thrown)) return []
  const cause = attempt(() => thrown.cause)
  return [...(cause === undefined ? [] : [cause]), ...(attempt(() => errorsOf(thrown)) ?? [])]
}

/** The errors of an AggregateError, or of anything like it. */
function errorsOf({ errors }: Error & { errors?: unknown }): unknown[] {
  return Array.isArray(errors) ? errors.slice(0, CAUSES) : []
}

/** The class of a thrown error, such as `TypeError`; for anything else, its type. */
export function kindOf(thrown: unknown): string {
  return cut((isError(thrown) && text(() => thrown.name)) || typeof thrown, KIND_LENGTH)
}
