import type { Mask } from './secrets.ts'

/** The most that is kept of an output, or of a step's metadata. */
export const OUTPUT_BYTES = 1024 * 1024
/** An escaped NUL or half a surrogate pair, whose backslash is not itself escaped: jsonb refuses these. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/i

/**
 * A handler's result as the JSON that is stored, with every string and every member name masked; null if it returned
 * nothing.
 * @throws TypeError if it is not JSON (a function, a bigint, a circular reference), over 1 MiB, or not storable.
 */
export function serialize(value: unknown, where: string, mask?: Mask): string | null {
  if (value === undefined) return null
  const json = stringify(value, where, mask)
  const bytes = Buffer.byteLength(json)
  if (bytes > OUTPUT_BYTES) {
    throw new TypeError(
      `${where} is ${bytes} bytes of JSON; at most ${OUTPUT_BYTES} are kept. Store it elsewhere, and give where it is.`,
    )
  }
  if (UNSTORABLE.test(json)) {
    throw new TypeError(
      `${where} holds a string with a NUL character or half a surrogate pair, which Postgres cannot keep`,
    )
  }
  return json
}

function stringify(value: unknown, where: string, mask?: Mask): string {
  const hint = 'Use plain objects, arrays, strings, numbers, booleans or null.'
  try {
    const json = JSON.stringify(value)
    if (json !== undefined) return mask ? masked(json, mask) : json
  } catch (cause) {
    throw new TypeError(`${where} cannot be written as JSON: ${(cause as Error).message}. ${hint}`, { cause })
  }
  throw new TypeError(`${where} is a ${typeof value}, which JSON cannot hold. ${hint}`)
}

/** If masking makes the names of members equal, the last of them is kept. */
function masked(json: string, mask: Mask): string {
  return JSON.stringify(JSON.parse(json), (_, member) => {
    if (typeof member === 'string') return mask(member)
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member
    return Object.fromEntries(Object.entries(member).map(([name, inner]) => [mask(name), inner]))
  })
}
