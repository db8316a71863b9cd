import { html, nothing } from 'lit'
import type { Run, Step } from '../../db/contract.ts'
import type { StepcastEvents } from '../events.ts'
import { localized } from '../languages.ts'
import { isFinished } from '../outline.ts'
import type { RequestError } from '../problem.ts'
import { StepcastRun } from '../stepcast-run.ts'
import { JournalPanel } from './journal-panel.ts'
import { addressOfRuns, addressOfStart, base, runInAddress } from './place.ts'
import { deleteRun } from './requests.ts'
import { getToken } from './session.ts'
import { open, Page, whyNot } from './shell.ts'

/** One run, its journal, and the actions on it. */
class RunPage extends Page {
  readonly #id = runInAddress(location.pathname) ?? ''
  #run: Run | null = null
  #steps: readonly Step[] = []
  #removing: 'no' | 'asking' | 'doing' = 'no'
  #refusal = ''

  protected get here() {
    return '' as const
  }

  protected get heading() {
    const { lang } = document.documentElement
    return this.#run ? localized(this.#run.displayNames, lang, this.#run.displayName) : this.words.runs
  }

  protected content() {
    const { words } = this
    return html`
      <div class="tools">
        <a href=${addressOfRuns()}>← ${words.back}</a>
        ${this.#run ? html`<a class="button" href=${addressOfStart(this.#run.workflow, this.#id)}>${words.again}</a>` : nothing}
        ${this.#run && isFinished(this.#run) && this.#removing === 'no' ? html`<button class="plain" id="remove" @click=${() => this.#ask(true)}>${words.remove}</button>` : nothing}
      </div>
      ${this.#removing === 'no' ? nothing : this.#question()}
      ${this.#refusal === '' ? nothing : html`<p class="card wrong" role="alert">${words.notRemoved} ${this.#refusal}</p>`}
      <stepcast-run
        src=${base}
        run-id=${this.#id}
        .getToken=${getToken}
        with-logs
        with-actions
        with-links
        @stepcast-change=${({ detail }: CustomEvent<StepcastEvents['stepcast-change']>) => this.#take(detail.run, detail.steps)}
        @stepcast-end=${({ detail }: CustomEvent<StepcastEvents['stepcast-end']>) => detail.reason === 'deleted' && this.#take(null)}
      ></stepcast-run>
      <journal-panel .run=${this.#id} .revision=${this.#run?.revision ?? 0} .steps=${this.#steps}></journal-panel>
    `
  }

  #question() {
    const { words } = this
    return html`
      <div class="card question" role="group" aria-label=${words.remove}>
        <p>${words.removeQuestion}</p>
        <button class="plain" id="keep" @click=${() => this.#ask(false)}>${words.keep}</button>
        <button class="danger" aria-disabled=${this.#removing === 'doing'} @click=${this.#remove}>${words.removeYes}</button>
      </div>
    `
  }

  async #ask(asking: boolean): Promise<void> {
    this.#removing = asking ? 'asking' : 'no'
    this.#refusal = ''
    this.requestUpdate()
    await this.updateComplete
    this.querySelector<HTMLElement>(asking ? '#keep' : '#remove')?.focus()
  }

  readonly #remove = async (): Promise<void> => {
    if (this.#removing === 'doing') return
    this.#removing = 'doing'
    this.requestUpdate()
    try {
      await deleteRun(this.#id)
      location.assign(addressOfRuns())
    } catch (error) {
      // first: the button that had the focus goes
      await this.#ask(false)
      this.#refusal = whyNot(error as RequestError, this.words)
    }
    this.#removing = 'no'
    this.requestUpdate()
  }

  #take(run: Run | null, steps: readonly Step[] = []): void {
    this.#run = run
    this.#steps = steps
    this.requestUpdate()
  }
}

customElements.define('stepcast-run', StepcastRun)
customElements.define('journal-panel', JournalPanel)
await open('run-page', RunPage)
