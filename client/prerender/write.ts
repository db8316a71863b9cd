import { nothing } from 'lit'

interface Template {
  readonly strings: readonly string[]
  readonly values: readonly unknown[]
}

/** The end of an unfinished tag: an attribute's name, and whether its value is in quotes. */
const ATTRIBUTE = /\s([.?@]?)([\w:-]+)=("[^"]*)?$/

/**
 * Writes our own Lit templates as HTML: texts and attributes are escaped, listeners and properties left out. It
 * supports only what these templates use, and throws on a directive.
 */
export function writeHtml(value: unknown): string {
  if (value === nothing || value === null || value === undefined) return ''
  if (Array.isArray(value)) return value.map(writeHtml).join('')
  if (isTemplate(value)) return writeTemplate(value)
  if (typeof value === 'object' || typeof value === 'function') throw new TypeError('This cannot be written as HTML.')
  return escapeHtml(String(value))
}

export function writeAttributes(attributes: Record<string, string | boolean | undefined>): string {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined && value !== false)
  return given
    .map(([name, value]) => (value === true ? ` ${name}` : ` ${name}="${escapeHtml(String(value))}"`))
    .join('')
}

function writeTemplate({ strings, values }: Template): string {
  let written = strings[0] ?? ''
  for (const [index, value] of values.entries()) {
    const isInTag = written.lastIndexOf('<') > written.lastIndexOf('>')
    written = isInTag ? addToTag(written, value) : written + writeHtml(value)
    written += strings[index + 1] ?? ''
  }
  return written
}

function addToTag(written: string, value: unknown): string {
  const [whole = '', kind, name = '', quoted] = ATTRIBUTE.exec(written) ?? []
  if (quoted !== undefined) return written + writeHtml(value)
  const before = written.slice(0, written.length - whole.length)
  if (kind === '.' || kind === '@' || value === nothing) return before
  if (kind === '?') return value ? `${before} ${name}` : before
  return `${before} ${name}="${escapeHtml(String(value))}"`
}

function isTemplate(value: unknown): value is Template {
  return typeof value === 'object' && value !== null && '_$litType$' in value
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}
