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

/** One line without control characters: what a handler reports must not move the cursor. */
export function clean(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
}

const segmenter = new Intl.Segmenter()
const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u

function widthOf(character: string): number {
  return WIDE.test(character) ? 2 : 1
}

/** Columns that a text takes; Chinese characters and most emoji take two each. */
export function width(text: string): number {
  let sum = 0
  for (const { segment } of segmenter.segment(stripVTControlCharacters(text))) sum += widthOf(segment)
  return sum
}

/** `text`, cut with an ellipsis where it is wider than `columns`. Takes unpainted text. */
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

/** Spaces after `text` up to `columns`. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)))
}
