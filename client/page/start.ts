import { html, nothing } from 'lit'
import type { WorkflowInfo } from '../../db/contract.ts'
import type { RequestError } from '../problem.ts'
import { StartForm, workflowName } from './form/start-form.ts'
import { addressOfStart } from './place.ts'
import { readWorkflows } from './requests.ts'
import { open, Page, whyNot } from './shell.ts'

/** While no workflow is registered, the interval between requests: once a worker starts, the form appears. */
const ASK_AGAIN_MS = 3_000

/** The workflows that can be started, and the form of one of them. */
class StartPage extends Page {
  readonly #query = new URLSearchParams(location.search)
  #workflows: WorkflowInfo[] | null = null
  #refusal = ''
  #timer: ReturnType<typeof setTimeout> | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    this.#load()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
  }

  protected get here() {
    return 'start' as const
  }

  protected get heading() {
    return this.words.startTitle
  }

  protected content() {
    const { words } = this
    if (this.#refusal !== '') return html`<p class="card wrong" role="alert">${this.#refusal}</p>`
    if (this.#workflows === null) return html`<div class="card blank" aria-busy="true"></div>`
    if (this.#workflows.length === 0) {
      return html`<section class="card blank"><h2>${words.noWorkflows}</h2><p class="soft">${words.noWorkflowsHint}</p></section>`
    }
    const chosen = this.#chosen(this.#workflows)
    return html`
      <div class="start">
        ${this.#workflows.length > 1 ? this.#choice(this.#workflows, chosen) : nothing}
        <start-form .workflow=${chosen} .from=${this.#query.get('from')}></start-form>
      </div>
    `
  }

  #choice(workflows: readonly WorkflowInfo[], chosen: WorkflowInfo | null) {
    return html`
      <nav class="card" aria-label=${this.words.workflow}>
        ${workflows.map((each) => html`<a href=${addressOfStart(each.name)} aria-current=${each === chosen ? 'page' : nothing}>${workflowName(each)}</a>`)}
      </nav>
    `
  }

  #chosen(workflows: readonly WorkflowInfo[]): WorkflowInfo | null {
    return workflows.find(({ name }) => name === this.#query.get('workflow')) ?? workflows[0] ?? null
  }

  async #load(): Promise<void> {
    try {
      this.#workflows = await readWorkflows()
      this.#refusal = ''
    } catch (error) {
      this.#refusal = whyNot(error as RequestError, this.words)
    }
    if (this.isConnected && !this.#workflows?.length) this.#timer = setTimeout(() => this.#load(), ASK_AGAIN_MS)
    this.requestUpdate()
  }
}

customElements.define('start-form', StartForm)
await open('start-page', StartPage)
