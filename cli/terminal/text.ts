import { stripVTControlCharacters, styleText } from 'node:util'

/** What a terminal can show: columns, rows, and whether it has colours. */
export interface Look {
  columns: number
  rows: number
  color: boolean
}

type Style = Parameters<typeof styleText>[0]

export function paint(style: Style, text: string, { color }: Look): string {
  return color && text ? styleText(style, text, { validateStream: false }) : text
}

/**
 * Control characters, line ends of every kind, marks that reorder the text around them, and characters without any
 * width.
 */
const INVISIBLE = /[\p{Cc}\u2028\u2029]+|[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/gu
/** Those of them that JSON leaves unescaped. */
const UNESCAPED = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** Makes one safe line: what a handler reports must neither move the cursor nor reorder the text around it. */
export function clean(text: string): string {
  return stripVTControlCharacters(text)
    .replace(INVISIBLE, (found) => (/^[\p{Cc}\u2028\u2029]/u.test(found) ? ' ' : ''))
    .trim()
}

/** The same for text of several lines; indentation is kept. */
export function cleanLines(text: string): string {
  const lines = text.split('\n')
  return lines.map((line) => (line.match(/^ */)?.[0] ?? '') + clean(line)).join('\n')
}

/** JSON on one line, without characters that a terminal would interpret. */
export function asJson(value: unknown): string {
  return JSON.stringify(value).replace(UNESCAPED, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const segmenter = new Intl.Segmenter()
const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u

function widthOf(character: string): number {
  return WIDE.test(character) ? 2 : 1
}

/** The columns that a text takes; Chinese characters and most emoji take two each. */
export function width(text: string): number {
  const shown = stripVTControlCharacters(text)
  // Not segmented, which takes a hundred times as long.
  if (/^[ -~]*$/.test(shown)) return shown.length
  let sum = 0
  for (const { segment } of segmenter.segment(shown)) sum += widthOf(segment)
  return sum
}

/** `text`, cut with an ellipsis if it is wider than `columns`. Expects text without colours. */
export function cut(text: string, columns: number): string {
  if (width(text) <= columns) return text
  let kept = ''
  let left = columns - 1
  for (const { segment } of segmenter.segment(text)) {
    left -= widthOf(segment)
    if (left < 0) break
    kept += segment
  }
  return columns > 0 ? `${kept}…` : ''
}

/** Pads `text` with spaces up to `columns`. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)))
}
