import type { LogLine } from '../../db/contract.ts'
import type { Formats } from '../formats.ts'
import { hrefOf } from '../more/place.ts'
import { stretchesOf } from './ansi.ts'

/** Of a longer line only this many characters are shown; the download has all of it. */
const LONGEST = 20_000

export interface LineStyle {
  formats: Formats
  /** Whether line numbers are links. */
  withLinks: boolean
  /** The text searched for; empty: none. */
  query(): string
  /** The step's name; empty: the line belongs to no step. */
  stepOf(line: LogLine): string
  isChosen(line: number): boolean
}

/** Built by hand: with templates, all two hundred would be compared each time a line is added. */
export function drawLine(line: LogLine, before: LogLine | undefined, style: LineStyle): HTMLElement {
  const { number, at, level, message } = { ...line, number: style.formats.number(line.line) }
  const row = element('div', `line ${level}${style.isChosen(line.line) ? ' chosen' : ''}`)
  row.id = `L${line.line}`
  const label = style.withLinks ? linkTo(line.line) : element('span', 'no')
  label.textContent = number
  const step = stepOf(line, before, style)
  row.append(
    label,
    element('time', '', style.formats.clock(at)),
    step,
    element('b', '', level),
    textOf(message, style.query().toLowerCase()),
  )
  return row
}

/**
 * Every line names its step, so that a reader who follows the log sees it; screen readers hear it only where it
 * changes.
 */
function stepOf(line: LogLine, before: LogLine | undefined, style: LineStyle): HTMLElement {
  const name = style.stepOf(line)
  const isFirst = before?.stepId !== line.stepId
  const step = element('i', 'of')
  step.append(...marked(name, isFirst ? style.query().toLowerCase() : ''))
  step.title = name
  if (!isFirst) step.setAttribute('aria-hidden', 'true')
  return step
}

function linkTo(line: number): HTMLElement {
  const link = document.createElement('a')
  link.className = 'no'
  link.href = hrefOf(`line=${line}`)
  return link
}

function textOf(message: string, query: string): HTMLElement {
  const text = element('span', 'text')
  const isLong = message.length > LONGEST
  for (const { text: part, style } of stretchesOf(isLong ? message.slice(0, LONGEST) : message)) {
    const pieces = marked(part, query)
    if (style === '') text.append(...pieces)
    else {
      const span = element('span', style)
      span.append(...pieces)
      text.append(span)
    }
  }
  if (isLong) text.append(element('i', '', ` … +${message.length - LONGEST}`))
  return text
}

function marked(text: string, query: string): (string | HTMLElement)[] {
  if (query === '') return [text]
  const found: (string | HTMLElement)[] = []
  const lower = text.toLowerCase()
  let from = 0
  // A letter that is longer in lower case would shift everything after it.
  for (let at = lower.length === text.length ? lower.indexOf(query) : -1; at >= 0; at = lower.indexOf(query, from)) {
    found.push(text.slice(from, at), element('mark', '', text.slice(at, at + query.length)))
    from = at + query.length
  }
  return [...found, text.slice(from)]
}

function element(name: string, className: string, text = ''): HTMLElement {
  const made = document.createElement(name)
  made.className = className
  made.textContent = text
  return made
}
