import { html, nothing, type TemplateResult } from 'lit'
import type { FieldError } from '../../problem.ts'
import type { PageWords } from '../words/words.ts'
import { type Draft, draftOf, shownOf } from './draft.ts'
import type { Field } from './fields.ts'

export interface Drawing {
  words: PageWords
  errors: readonly FieldError[]
}

/** Called with the changed draft. */
type Change = (draft: Draft) => void

/** A field with its control or inner fields, its description, and its error. */
export function fieldPart(field: Field, given: Draft, path: string, drawing: Drawing, change: Change): TemplateResult {
  const draft = shownOf(given)
  if (field.kind === 'object') return objectPart(field, draft as { [name: string]: Draft }, path, drawing, change)
  if (field.kind === 'list') return listPart(field, draft as Draft[], path, drawing, change)
  const { title, description, kind } = field
  return html`
    <div class="field ${kind}">
      ${title && html`<label for=${path}>${title}${kind === 'json' ? ' (JSON)' : ''}${optionalPart(field, drawing)}</label>`}
      ${control(field, draft, path, drawing, change)}
      ${description && html`<p class="soft" id="${path}-about">${description}</p>`} ${errorPart(path, drawing, field)}
    </div>
  `
}

function objectPart(
  field: Field & { kind: 'object' },
  draft: { [name: string]: Draft },
  path: string,
  drawing: Drawing,
  change: Change,
): TemplateResult {
  const fields = field.fields.map((each) =>
    fieldPart(each, draft[each.name] ?? '', `${path}.${each.name}`, drawing, (now) =>
      change({ ...draft, [each.name]: now }),
    ),
  )
  if (field.title === '') return html`${fields}${errorPart(path, drawing)}`
  return html`
    <fieldset>
      <legend>${field.title}${optionalPart(field, drawing)}</legend>
      ${field.description && html`<p class="soft">${field.description}</p>`} ${fields} ${errorPart(path, drawing)}
    </fieldset>
  `
}

function listPart(field: Field & { kind: 'list' }, draft: Draft[], path: string, drawing: Drawing, change: Change) {
  const { words } = drawing
  const item = (each: Draft, index: number) => {
    const number = String(index + 1)
    const remove = ({ target }: Event) => {
      // no other button takes the place of the last one
      const add = (target as Element).closest('ol')?.nextElementSibling as HTMLElement
      if (index + 1 === draft.length) add.focus()
      change(draft.toSpliced(index, 1))
    }
    return html`
      <li>
        ${fieldPart({ ...field.item, title: field.item.kind === 'object' ? words.item(number) : '' }, each, `${path}.${index}`, drawing, (now) => change(draft.with(index, now)))}
        <button type="button" class="plain" aria-label="${words.removeItem(number)}, ${field.title}" @click=${remove}>×</button>
      </li>
    `
  }
  return html`
    <fieldset class="list">
      <legend>${field.title}${optionalPart(field, drawing)}</legend>
      ${field.description && html`<p class="soft">${field.description}</p>`}
      <ol>
        ${draft.map(item)}
      </ol>
      <button type="button" class="plain" @click=${() => change([...draft, draftOf(field.item)])}>+ ${words.addItem}<span class="vh"> (${field.title})</span></button>
      ${errorPart(path, drawing)}
    </fieldset>
  `
}

function optionalPart({ required, initial, kind }: Field, { words }: Drawing) {
  const isSaid = required || initial !== undefined || kind === 'boolean'
  return isSaid ? nothing : html` <span class="soft">${words.optional}</span>`
}

function errorPart(path: string, drawing: Drawing, field?: Field) {
  const error = errorOf(path, drawing)
  if (error === '') return nothing
  const pattern = field?.kind === 'text' && error === drawing.words.notPattern ? field.pattern : null
  return html`<p class="wrong" id="${path}-error">${error}${pattern === null ? nothing : html` <code>${pattern}</code>`}</p>`
}

function errorOf(path: string, { errors }: Drawing): string {
  return errors.find((error) => error.path === path)?.message ?? ''
}

function control(field: Field, draft: Draft, path: string, drawing: Drawing, change: Change) {
  const isWrong = errorOf(path, drawing) !== ''
  const about = [field.description && `${path}-about`, isWrong && `${path}-error`].filter(Boolean).join(' ') || nothing
  // an item of a list has no label of its own
  const label = field.title === '' ? path.replace(/^input\./, '') : nothing
  const say = ({ target }: Event) => change((target as HTMLInputElement).value)
  if (field.kind === 'boolean') {
    const tick = ({ target }: Event) => change((target as HTMLInputElement).checked)
    return html`<input type="checkbox" id=${path} .checked=${draft === true} aria-label=${label} aria-describedby=${about} aria-invalid=${isWrong} @change=${tick} />`
  }
  if (field.kind === 'choice') {
    return html`
      <select id=${path} aria-label=${label} aria-describedby=${about} aria-invalid=${isWrong} @change=${say}>
        ${field.required && draft !== '' ? nothing : html`<option value="" .selected=${draft === ''}>${field.required ? drawing.words.choose : '–'}</option>`}
        ${field.values.map((value, index) => html`<option value=${index} .selected=${draft === String(index)}>${textOf(value)}</option>`)}
      </select>
    `
  }
  if (field.kind === 'json' || (field.kind === 'text' && field.input === 'lines')) {
    const isCode = field.kind === 'json'
    return html`<textarea id=${path} class=${isCode ? 'code' : nothing} rows=${isCode ? 6 : 4} spellcheck=${!isCode} aria-label=${label} aria-describedby=${about} aria-invalid=${isWrong} .value=${String(draft)} @input=${say}></textarea>`
  }
  return html`
    <input
      id=${path}
      type=${field.kind === 'text' ? field.input : 'text'}
      step="any"
      inputmode=${field.kind === 'number' ? 'decimal' : nothing}
      maxlength=${(field.kind === 'text' && field.maxLength) || nothing}
      autocomplete="off"
      spellcheck="false"
      .value=${String(draft)}
      aria-label=${label}
      aria-required=${field.required}
      aria-describedby=${about}
      aria-invalid=${isWrong}
      @input=${say}
    />
  `
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
