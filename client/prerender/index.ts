import { html } from 'lit'
import type { Snapshot } from '../../db/contract.ts'
import { ServerClock } from '../clock.ts'
import { formatsFor } from '../formats.ts'
import { moreStyles } from '../more/styles.ts'
import { currentOf, outline } from '../outline.ts'
import { footerPart } from '../parts/footer.ts'
import { headerPart } from '../parts/header.ts'
import { type Shown, UNTOUCHED } from '../parts/shown.ts'
import { stepsPart } from '../parts/steps.ts'
import { styles } from '../styles.ts'
import type { Target } from '../target.ts'
import { loadWords, wordsFor } from '../words/pick.ts'
import { NEVER, STILL } from './more.ts'
import { writeAttributes, writeHtml } from './write.ts'

export interface PrerenderOptions {
  /** What the element watches. Default: the run by its id. */
  target?: Target
  /** Address of the Stepcast server's mount point, for the element. Default: the origin's root. */
  src?: string
  /** Language of the element. Default: en. */
  lang?: string
  /** The page's nonce, if its Content Security Policy only allows styles with one. Default: none. */
  nonce?: string
  /** Other attributes of the element, such as `with-logs: true`. */
  attributes?: Record<string, string | boolean>
}

/**
 * Renders `<stepcast-run>` as HTML with the run's present state, on the server that writes the page: it is visible
 * before any script has loaded, and without script. The element takes over once it has received the run itself.
 * @param snapshot the response of `GET /runs/:id`
 */
export async function renderRun(
  snapshot: Pick<Snapshot, 'run' | 'steps'>,
  options: PrerenderOptions = {},
): Promise<string> {
  const { target = { run: snapshot.run.id }, src, lang = 'en', nonce, attributes } = options
  await loadWords(lang)
  const shown = picture(snapshot, lang)
  const card = html`<section part="card" class="card is-connecting ${shown.run.status}">
    ${headerPart(shown)} ${STILL.aboveSteps(shown)} ${stepsPart(shown, NEVER)} ${footerPart(shown, NEVER)}
  </section>`
  const named = 'run' in target ? { 'run-id': target.run } : { workflow: target.workflow, 'run-key': target.key }
  const element = writeAttributes({ ...named, src, lang, ...attributes })
  const css = [styles, moreStyles].flat(Number.POSITIVE_INFINITY).join('')
  const style = `<style${writeAttributes({ nonce })}>${css}</style>`
  return `<stepcast-run${element}><template shadowrootmode="open">${style}${writeHtml(card)}</template></stepcast-run>`
}

function picture({ run, steps }: Pick<Snapshot, 'run' | 'steps'>, lang: string): Shown {
  const { words, language } = wordsFor(lang)
  const branches = outline(steps)
  const connection = { state: 'connecting', since: Date.now(), error: null } as const
  return {
    words,
    language: lang,
    formats: formatsFor(language),
    clock: new ServerClock(),
    view: { run, steps, epoch: null, logs: [], ended: null, connection, heard: true },
    run,
    branches,
    current: currentOf(branches, run),
    withLogs: false,
    withActions: false,
    withLinks: false,
    ...UNTOUCHED,
    more: STILL,
  }
}
