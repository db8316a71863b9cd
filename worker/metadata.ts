import { OUTPUT_BYTES } from './output.ts'

/**
 * The metadata of reports that wait together, as the texts of its members: to parse and write all of it with each further
 * report would cost the square of their number, and block the handlers' thread.
 */
export class Metadata {
  readonly #members = new Map<string, string>()
  /** Of all members, each with its comma or brace. */
  #bytes = 1

  constructor(json: string) {
    this.merge(json)
  }

  /** Of its text, in bytes. */
  get length(): number {
    return this.#bytes
  }

  /** Newer members win. What would make it larger than a step's metadata may be is left out. */
  merge(json: string): this {
    const members = Object.entries(JSON.parse(json)).map(
      ([name, value]) => [name, `${JSON.stringify(name)}:${JSON.stringify(value)}`] as const,
    )
    const bytes = members.reduce((sum, [name, text]) => sum + size(text) - size(this.#members.get(name)), this.#bytes)
    if (bytes > OUTPUT_BYTES) return this
    this.#bytes = bytes
    for (const [name, text] of members) this.#members.set(name, text)
    return this
  }

  toString(): string {
    return `{${[...this.#members.values()].join(',')}}`
  }
}

function size(member: string | undefined): number {
  return member === undefined ? 0 : Buffer.byteLength(member) + 1
}
