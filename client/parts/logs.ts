import { html, nothing } from 'lit'
import type { LogLine } from '../../db/contract.ts'
import type { Formats } from '../formats.ts'
import { KEPT_LINES } from '../reducer.ts'
import type { Shown } from './shown.ts'

/** So near its end, in pixels, the panel counts as scrolled to it. */
const NEAR = 24

/** A plain tail of the log. The lines as nodes that only grow at their end: a template of five thousand would be compared anew for each new one. */
export class LogView {
  readonly #lines = document.createElement('div')
  #shown = ''
  #first = 0
  #last = 0

  part({ view, words, formats }: Shown) {
    const { logs } = view
    const earlier = (logs[0]?.line ?? 1) - 1
    return html`
      <div class="log" part="log" role="log" aria-live="off" aria-label=${words.logs} tabindex="0">
        ${earlier > 0 ? html`<p class="soft">${words.earlierLines(earlier, formats.number(earlier))}</p>` : nothing}
        ${logs.length === 0 ? html`<p class="soft">${words.noLogs}</p>` : nothing} ${this.#lines}
      </div>
    `
  }

  /** Appends what is new; starts anew for another log or language. Stays at the end unless the reader has scrolled up. */
  show({ view, formats }: Shown): void {
    const { run, epoch, logs } = view
    const panel = this.#lines.parentElement
    const follows = panel === null || panel.scrollHeight - panel.scrollTop - panel.clientHeight < NEAR
    this.#startAnew(`${run?.id} ${epoch} ${formats.language}`, logs)
    const fresh = logs.filter(({ line }) => line > this.#last)
    this.#last = logs.at(-1)?.line ?? 0
    this.#lines.append(...fresh.map((line) => drawLine(line, formats)))
    while (this.#lines.childElementCount > KEPT_LINES) this.#lines.firstElementChild?.remove()
    if (follows) requestAnimationFrame(() => this.#lines.parentElement?.scrollTo(0, this.#lines.scrollHeight))
  }

  #startAnew(name: string, logs: readonly LogLine[]): void {
    const first = logs[0]?.line ?? 0
    if (name === this.#shown && first >= this.#first && this.#last > 0) return
    this.#shown = name
    this.#first = first
    this.#last = 0
    this.#lines.replaceChildren()
  }
}

function drawLine({ at, level, message }: LogLine, formats: Formats): Element {
  const line = textElement('div', '')
  line.className = `line ${level}`
  line.append(textElement('time', formats.clock(at)), textElement('b', level), textElement('span', message))
  return line
}

function textElement(name: string, text: string): Element {
  const element = document.createElement(name)
  element.textContent = text
  return element
}
