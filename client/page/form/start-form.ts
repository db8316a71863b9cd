import { html, LitElement, nothing } from 'lit'
import type { WorkflowInfo } from '../../../db/contract.ts'
import { localized } from '../../languages.ts'
import type { FieldError, RequestError } from '../../problem.ts'
import { addressOfRun } from '../place.ts'
import { readDetails, startRun } from '../requests.ts'
import { whyNot } from '../shell.ts'
import { pageWords } from '../words/pick.ts'
import { fieldPart } from './control.ts'
import { type Complaint, type Draft, draftOf, read } from './draft.ts'
import { type Field, fieldOf } from './fields.ts'

/** The form of one workflow, made from its input schema. */
export class StartForm extends LitElement {
  static override properties = { workflow: { attribute: false }, from: { attribute: false } }
  declare workflow: WorkflowInfo | null
  /** The id of a run whose input is filled in; null: the schema's defaults. */
  declare from: string | null
  #field: Field = fieldOf(null)
  #draft: Draft = {}
  #key = ''
  #again = false
  #errors: readonly FieldError[] = []
  /** The error of the form as a whole. */
  #refusal = ''
  /** The run that already has the key. */
  #known: string | null = null
  #isFilledIn: boolean | null = null
  #isBusy = false

  constructor() {
    super()
    this.workflow = this.from = null
  }

  protected override createRenderRoot() {
    return this
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has('workflow')) return
    this.#field = fieldOf(this.workflow?.inputSchema ?? null)
    this.#draft = draftOf(this.#field)
    this.#errors = []
    this.#refusal = ''
    this.#known = null
    if (this.from !== null) this.#fillIn(this.from)
  }

  protected override render() {
    const words = this.#words
    const { workflow } = this
    if (workflow === null) return nothing
    return html`
      <form class="card" novalidate @submit=${this.#submit}>
        <header>
          <h2>${workflowName(workflow)}</h2>
          <p class="soft">${words.steps(workflow.steps.map((step) => localized(step.displayNames, document.documentElement.lang, step.displayName)).join(' → '))}</p>
        </header>
        ${this.#isFilledIn === null ? nothing : html`<p class="soft">${this.#isFilledIn ? words.fromRun : words.noFromRun}</p>`}
        ${this.#inputPart()} ${this.#keyPart()}
        ${this.#refusal === '' ? nothing : html`<p class="wrong" role="alert">${this.#refusal}</p>`}
        ${this.#known === null ? nothing : html`<p role="status">${words.known} <a href=${addressOfRun(this.#known)}>${words.show}</a></p>`}
        <button class="main" aria-disabled=${this.#isBusy}>${this.#isBusy ? words.starting : words.startButton}</button>
      </form>
    `
  }

  #inputPart() {
    const words = this.#words
    const drawing = { words, errors: this.#errors }
    const change = (draft: Draft) => {
      this.#draft = draft
      this.requestUpdate()
    }
    const field = this.#field
    const isObject = field.kind === 'object'
    if (isObject && field.fields.length === 0) return html`<p class="soft">${words.noInput}</p>`
    const title = isObject ? '' : field.title || words.input
    return fieldPart({ ...field, title }, this.#draft, 'input', drawing, change)
  }

  #keyPart() {
    const words = this.#words
    const drawing = { words, errors: this.#errors }
    const given = { name: '', required: false, isNull: false, initial: undefined }
    const key: Field = {
      ...given,
      kind: 'text',
      input: 'text',
      maxLength: null,
      pattern: null,
      title: words.key,
      description: words.keyHint,
    }
    const again: Field = { ...given, kind: 'boolean', title: words.startAgain, description: '' }
    const sayKey = (draft: Draft) => {
      this.#key = draft as string
      this.requestUpdate()
    }
    const sayAgain = (draft: Draft) => {
      this.#again = draft as boolean
    }
    return html`
      <div class="apart">${fieldPart(key, this.#key, 'key', drawing, sayKey)}</div>
      ${this.#key && fieldPart(again, this.#again, 'again', drawing, sayAgain)}
    `
  }

  readonly #submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (this.#isBusy) return
    const { value, complaints } = read(this.#field, this.#draft)
    if (complaints.length > 0)
      return this.#complain(
        complaints.map(({ path, message }) => ({ path, message: this.#words[message as Complaint] })),
        '',
      )
    await this.#start(value ?? {})
  }

  async #start(input: unknown): Promise<void> {
    this.#isBusy = true
    this.#known = null
    this.#complain([], '')
    try {
      const key = this.#key.trim()
      const { run, isNew } = await startRun({
        workflow: this.workflow?.name ?? '',
        input,
        ...(key && { key, again: this.#again }),
      })
      if (isNew) location.assign(addressOfRun(run.id))
      else this.#known = run.id
    } catch (error) {
      this.#refuse(error as RequestError)
    }
    this.#isBusy = false
    this.requestUpdate()
  }

  /** Shows each error beside its field, or beside the field that contains it, else below all fields. */
  async #refuse(error: RequestError): Promise<void> {
    const { errors } = error
    await this.#complain(errors, '')
    const stray = errors.filter(({ path }) => !document.getElementById(`${path}-error`))
    if (errors.length > 0 && stray.length === 0) return
    const whole =
      errors.length === 0
        ? whyNot(error, { ...this.#words, unreachable: this.#words.uncertain })
        : stray.map(({ path, message }) => `${path}: ${message}`).join('; ')
    await this.#complain(errors, whole)
  }

  async #complain(errors: readonly FieldError[], refusal: string): Promise<void> {
    this.#errors = errors
    this.#refusal = refusal
    this.requestUpdate()
    await this.updateComplete
    this.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }

  async #fillIn(run: string): Promise<void> {
    const before = this.#draft
    const details = await readDetails(run).catch(() => null)
    // who was faster keeps what they have typed
    if (this.#draft !== before) return
    // also null if the reader may read the run, but not its input
    this.#isFilledIn = details !== null && details.run.input !== null
    if (this.#isFilledIn) this.#draft = draftOf(this.#field, details?.run.input)
    this.requestUpdate()
  }

  get #words() {
    return pageWords.for(document.documentElement.lang)
  }
}

/** Its display name, unless that has placeholders to be filled in from an input. */
export function workflowName(workflow: WorkflowInfo): string {
  const text = localized(workflow.displayNames, document.documentElement.lang, workflow.displayName)
  return text === '' || text.includes('{') ? workflow.name : text
}
