import { html, nothing } from 'lit'
import { statusIcon } from '../parts/icons.ts'
import { ANY, isAny, STATUSES } from './filter.ts'
import { type RunsDoings, type ShownRuns, workflowName } from './shown.ts'

/** Search, workflow and statuses; the filters combine. */
export function filterPart(shown: ShownRuns, doings: RunsDoings) {
  const { own, filter, isGrouped } = shown
  return html`
    <div class="filters" part="filters" role="search">
      <input
        id="search"
        type="search"
        placeholder=${own.search}
        aria-label=${own.search}
        title=${own.searchHint}
        autocomplete="off"
        spellcheck="false"
        .value=${filter.q}
        @input=${({ target }: Event) => doings.filter({ q: (target as HTMLInputElement).value }, true)}
      />
      ${workflowPart(shown, doings)}
      <div class="chips" role="group" aria-label=${own.state}>
        ${STATUSES.map((status) => statusPart(status, shown, doings))}
      </div>
      <div class="chips end">
        ${filter.key === '' ? nothing : html`<button class="chip on" @click=${() => doings.filter({ key: '' })}>${filter.key} ×</button>`}
        ${isAny(filter) ? nothing : html`<button class="quiet" id="clear" @click=${() => doings.filter(ANY)}>${own.clear}</button>`}
        <button class="chip" aria-pressed=${isGrouped} @click=${() => doings.group(!isGrouped)}>${own.group}</button>
      </div>
    </div>
  `
}

function workflowPart({ own, filter, workflows, language }: ShownRuns, doings: RunsDoings) {
  const isKnown = filter.workflow === '' || workflows.some(({ name }) => name === filter.workflow)
  const all = isKnown ? workflows : [...workflows, { name: filter.workflow, displayName: '', displayNames: null }]
  return html`
    <select
      aria-label=${own.workflow}
      class=${filter.workflow === '' ? nothing : 'on'}
      @change=${({ target }: Event) => doings.filter({ workflow: (target as HTMLSelectElement).value })}
    >
      <option value="" .selected=${filter.workflow === ''}>${own.allWorkflows}</option>
      ${all.map(
        (workflow) =>
          html`<option value=${workflow.name} .selected=${filter.workflow === workflow.name}>${workflowName(workflow, language)}</option>`,
      )}
    </select>
  `
}

function statusPart(status: (typeof STATUSES)[number], { words, filter }: ShownRuns, doings: RunsDoings) {
  const isOn = filter.statuses.includes(status)
  const statuses = STATUSES.filter((each) => (each === status ? !isOn : filter.statuses.includes(each)))
  return html`
    <button class="chip" aria-pressed=${isOn} @click=${() => doings.filter({ statuses })}>
      ${statusIcon(status)}${words.run[status]}
    </button>
  `
}
