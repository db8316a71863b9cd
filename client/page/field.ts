import { html, nothing } from 'lit'
import type { Field } from './fields.ts'
import type { PageWords } from './words.ts'

/** Label, control, description and what is wrong with it. */
export function fieldPart(field: Field, error: string, words: PageWords) {
  const id = `field-${field.name}`
  const about = [field.description && `${id}-about`, error && `${id}-error`].filter(Boolean).join(' ')
  const optional = field.required || field.initial !== '' || field.kind === 'boolean'
  return html`
    <div class="field ${field.kind}">
      <label for=${id}>${field.title}${optional ? nothing : html` <span class="soft">${words.optional}</span>`}</label>
      ${control(field, id, about, error !== '', words)}
      ${field.description ? html`<p class="soft" id="${id}-about">${field.description}</p>` : nothing}
      ${error ? html`<p class="wrong" id="${id}-error">${error}</p>` : nothing}
    </div>
  `
}

function control(field: Field, id: string, about: string, invalid: boolean, words: PageWords) {
  const { name, kind, initial, required } = field
  const describedBy = about || nothing
  if (kind === 'choice') return choice(field, id, about, invalid, words)
  if (kind === 'boolean') {
    const checked = initial === 'true'
    return html`<input type="checkbox" id=${id} name=${name} value="true" ?checked=${checked} aria-describedby=${describedBy} aria-invalid=${invalid} />`
  }
  if (kind === 'json') {
    return html`<textarea id=${id} name=${name} rows="4" spellcheck="false" aria-describedby=${describedBy} aria-invalid=${invalid} .defaultValue=${initial}></textarea>`
  }
  return html`
    <input
      id=${id}
      name=${name}
      type=${kind}
      step=${kind === 'number' ? 'any' : nothing}
      maxlength=${field.maxLength ?? nothing}
      value=${initial}
      autocomplete="off"
      spellcheck="false"
      aria-required=${required}
      aria-describedby=${describedBy}
      aria-invalid=${invalid}
    />
  `
}

function choice({ name, choices, initial }: Field, id: string, about: string, invalid: boolean, words: PageWords) {
  return html`
    <select id=${id} name=${name} aria-describedby=${about || nothing} aria-invalid=${invalid}>
      ${initial === '' ? html`<option value="">${words.choose}</option>` : nothing}
      ${choices.map((value) => html`<option value=${value} ?selected=${value === initial}>${value}</option>`)}
    </select>
  `
}
