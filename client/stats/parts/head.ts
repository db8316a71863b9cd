import { html, nothing } from 'lit'
import { PERIODS, type Period } from '../period.ts'
import type { StatsWords } from '../words/words.ts'

interface Head {
  /** null: all workflows. */
  workflow: string | null
  /** The workflows to choose from; null: the reader cannot choose. */
  workflows: string[] | null
  period: Period
  words: StatsWords
  choosePeriod(period: Period): void
  chooseWorkflow(workflow: string | null): void
}

/** The workflow and the period of the numbers. */
export function headPart(head: Head) {
  const { workflow, workflows, period, words, choosePeriod } = head
  return html`
    <div class="head">
      <h2 part="title">${workflow ?? words.allWorkflows}<span class="soft">${words.inPeriod[period]}</span></h2>
      ${workflows === null ? nothing : workflowSelect(head, workflows)}
      <fieldset class="periods">
        <legend class="vh">${words.period}</legend>
        ${PERIODS.map(
          (each) => html`<label>
            <input class="vh" type="radio" name="period" value=${each} .checked=${each === period} @change=${() => choosePeriod(each)} />
            <span>${words.periods[each]}</span>
          </label>`,
        )}
      </fieldset>
    </div>
  `
}

function workflowSelect({ workflow, words, chooseWorkflow }: Head, workflows: string[]) {
  const choose = ({ target }: Event) => chooseWorkflow((target as HTMLSelectElement).value || null)
  return html`
    <select aria-label=${words.workflow} @change=${choose}>
      <option value="" .selected=${workflow === null}>${words.allWorkflows}</option>
      ${workflows.map((name) => html`<option value=${name} .selected=${name === workflow}>${name}</option>`)}
    </select>
  `
}
