import { html, LitElement, nothing } from 'lit'
import type { Run, WorkflowInfo } from '../../db/contract.ts'
import { localized } from '../languages.ts'
import type { FieldError, RequestError } from '../problem.ts'
import { wordsFor } from '../words/pick.ts'
import { fieldPart } from './field.ts'
import { type Field, fieldOfPath, fieldsOf, inputOf } from './fields.ts'
import { readWorkflows, startRun } from './requests.ts'
import { pageWordsFor } from './words.ts'

/** While nothing is registered it asks again so often: a worker that starts makes the form appear. */
const ASK_AGAIN_MS = 3_000

/** A form for each workflow, made from its input schema. Dispatches `started` with the run. */
export class StartForm extends LitElement {
  #workflows: WorkflowInfo[] | null = null
  #chosen = 0
  #errors: FieldError[] = []
  /** What is wrong as a whole. */
  #refusal = ''
  #busy = false
  #timer: ReturnType<typeof setTimeout> | undefined

  protected override createRenderRoot() {
    return this
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#load()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
  }

  protected override render() {
    const words = pageWordsFor(document.documentElement.lang)
    const workflows = this.#workflows
    return html`
      <section class="card" aria-labelledby="start">
        <h2 id="start">${words.start}</h2>
        ${workflows === null ? this.#waiting() : workflows.length === 0 ? this.#nothingYet() : this.#form(workflows)}
      </section>
    `
  }

  #waiting() {
    return this.#refusal === '' ? html`<p class="soft">…</p>` : html`<p class="wrong" role="alert">${this.#refusal}</p>`
  }

  #nothingYet() {
    const words = pageWordsFor(document.documentElement.lang)
    return html`<p><b>${words.noWorkflows}</b></p><p class="soft">${words.noWorkflowsHint}</p>`
  }

  #form(workflows: WorkflowInfo[]) {
    const words = pageWordsFor(document.documentElement.lang)
    const fields = this.#fields()
    return html`
      <form novalidate @submit=${this.#submit}>
        ${workflows.length === 1 ? html`<p class="soft">${workflowName(workflows[0])}</p>` : this.#choice(workflows)}
        ${fields.map((field) => fieldPart(field, this.#errorOf(field), words))}
        ${this.#refusal === '' ? nothing : html`<p class="wrong" role="alert">${this.#refusal}</p>`}
        <button class="main" aria-disabled=${this.#busy}>${this.#busy ? words.starting : words.startButton}</button>
      </form>
    `
  }

  #choice(workflows: WorkflowInfo[]) {
    const words = pageWordsFor(document.documentElement.lang)
    return html`
      <div class="field">
        <label for="workflow">${words.workflow}</label>
        <select id="workflow" @change=${this.#choose}>
          ${workflows.map((workflow, index) => html`<option value=${index}>${workflowName(workflow)}</option>`)}
        </select>
      </div>
    `
  }

  readonly #choose = ({ target }: Event): void => {
    this.#chosen = Number((target as HTMLSelectElement).value)
    this.#complain([], '')
  }

  #fields(): Field[] {
    const { name = '', inputSchema = null } = this.#workflows?.[this.#chosen] ?? {}
    const { input: title } = pageWordsFor(document.documentElement.lang)
    // one field for the whole: its name is that of no property
    const whole: Field = {
      name: '',
      title,
      description: name,
      kind: 'json',
      required: false,
      choices: [],
      initial: '{}',
      maxLength: null,
    }
    return fieldsOf(inputSchema) ?? [whole]
  }

  /** One thing at a time: what is wrong first. */
  #errorOf(field: Field): string {
    const fields = this.#fields()
    return this.#errors.find(({ path }) => fieldOfPath(fields, path)?.name === field.name)?.message ?? ''
  }

  readonly #submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (this.#busy) return
    const form = event.target as HTMLFormElement
    const fields = this.#fields()
    const values = Object.fromEntries(new FormData(form)) as Record<string, string>
    const { input, errors } = inputOf(fields, values)
    if (errors.length > 0) return this.#complain(errors, '')
    await this.#start(fields[0]?.name === '' ? (input[''] ?? {}) : input, form)
  }

  async #start(input: unknown, form: HTMLFormElement): Promise<void> {
    this.#busy = true
    this.#complain([], '')
    try {
      const { run } = await startRun(this.#workflows?.[this.#chosen]?.name ?? '', input)
      form.reset()
      this.dispatchEvent(new CustomEvent<Run>('started', { detail: run }))
    } catch (error) {
      this.#refuse(error as RequestError)
    }
    this.#busy = false
    this.requestUpdate()
  }

  /** Beside the field where it belongs to one, else below them all. */
  #refuse(error: RequestError): void {
    const { errors } = error
    const fields = this.#fields()
    const stray = errors.filter(({ path }) => fieldOfPath(fields, path) === null)
    const whole = errors.length === 0 ? whyNot(error) : stray.map(({ message }) => message).join(' ')
    this.#complain(errors, whole)
  }

  async #complain(errors: FieldError[], refusal: string): Promise<void> {
    this.#errors = errors
    this.#refusal = refusal
    this.requestUpdate()
    await this.updateComplete
    this.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }

  async #load(): Promise<void> {
    try {
      this.#workflows = await readWorkflows()
      this.#refusal = ''
    } catch (error) {
      this.#refusal = whyNot(error as RequestError)
    }
    if (this.isConnected && !this.#workflows?.length) this.#timer = setTimeout(() => this.#load(), ASK_AGAIN_MS)
    this.requestUpdate()
  }
}

/** Its display name, unless that waits to be filled in from an input. */
function workflowName(workflow: WorkflowInfo | undefined): string {
  const text = localized(workflow?.displayName ?? null, document.documentElement.lang)
  return text === '' || text.includes('{') ? (workflow?.name ?? '') : text
}

/** In the reader's words where the server is away, else in the server's own. */
function whyNot({ status, detail, message }: RequestError): string {
  const isAway = status === null || status >= 500
  return isAway ? wordsFor(document.documentElement.lang).words.unreachable : (detail ?? message)
}
