/** A stretch of text in one style. */
export interface Stretch {
  text: string
  /** Class names, such as `red bold`; empty: the default style. */
  style: string
}

const COLOURS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white']
const MARKS: Record<number, string> = { 1: 'bold', 2: 'dim', 3: 'italic', 4: 'underline', 9: 'struck' }

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const SEQUENCE = /\u001b(?:\[([\d;:]*)([@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\^_])/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: a tab is text, the others are not
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g

/**
 * Turns a terminal's colours and weights into classes: the sixteen foreground colours. All other sequences (256
 * colours, backgrounds, cursor movement) are dropped, neither shown nor obeyed.
 */
export function stretchesOf(message: string): Stretch[] {
  const text = lastWrite(message)
  if (!text.includes('\u001b')) return [{ text: text.replace(CONTROLS, ''), style: '' }]
  const found: Stretch[] = []
  let style = new Map<string, string>()
  let from = 0
  const take = (to: number) => {
    const written = text.slice(from, to).replace(CONTROLS, '')
    const name = [...style.values()].join(' ')
    const last = found.at(-1)
    if (last?.style === name) last.text += written
    else if (written !== '') found.push({ text: written, style: name })
  }
  for (const match of text.matchAll(SEQUENCE)) {
    take(match.index)
    from = match.index + match[0].length
    if (match[2] === 'm') style = restyle(style, (match[1] ?? '').split(/[;:]/).map(Number))
  }
  take(text.length)
  return found
}

/** The text of a line, without its sequences. */
export function plainText(message: string): string {
  return lastWrite(message).replace(SEQUENCE, '').replace(CONTROLS, '')
}

/** A progress bar that was overwritten shows its last state. */
function lastWrite(message: string): string {
  const text = message.replace(/[\r\n]+$/, '')
  return text.includes('\r') && !text.includes('\n') ? text.slice(text.lastIndexOf('\r') + 1) : text
}

function restyle(before: Map<string, string>, codes: number[]): Map<string, string> {
  const style = new Map(before)
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0
    if (code === 0) style.clear()
    else if (code === 38 || code === 48) at += codes[at + 1] === 5 ? extended(style, code, codes[at + 2]) : 4
    else if (code === 39) style.delete('colour')
    else if (code === 22) for (const mark of ['bold', 'dim']) style.delete(mark)
    else if (code > 22 && code < 30) style.delete(MARKS[code - 20] ?? '')
    else if (MARKS[code]) style.set(MARKS[code], MARKS[code])
    else setColour(style, code >= 90 ? code - 82 : code - 30)
  }
  return style
}

/** `38;5;n`: only the first sixteen of the 256 colours are known. Returns how many numbers it consumed. */
function extended(style: Map<string, string>, code: number, number = -1): number {
  if (code === 38) setColour(style, number)
  return 2
}

function setColour(style: Map<string, string>, number: number): void {
  const name = COLOURS[number % 8]
  if (name && number >= 0 && number < 16) style.set('colour', number < 8 ? name : `${name} bright`)
}
