import { html, nothing } from 'lit'
import type { Stats, StepStats } from '../../../db/contract.ts'
import { chevronIcon } from '../../parts/icons.ts'
import { exactly, type Speech } from '../speech.ts'
import { figurePart } from './figure.ts'
import {
  barPart,
  countHead,
  drawnTable,
  longestOf,
  namedPart,
  type Spread,
  spreadAbout,
  spreadCells,
  spreadPart,
} from './rows.ts'
import { nameOf } from './running.ts'

export const MOST_SHOWN = 10
const MOST_FAILING = 5

interface Step extends StepStats {
  workflow: string
}

/** Names a step of a workflow. */
export interface StepName {
  workflow: string
  parent: string | null
  step: string
}

/** The steps that the reader has opened, to see how long they take in each run. */
export interface OpenedSteps {
  has(step: StepName): boolean
  /** The row below the step's own; undefined: the step is not open. */
  row(step: StepName & Spread, caption: string, speech: Speech): unknown
}

export interface Opening {
  opened: OpenedSteps
  toggle(step: StepName): void
}

/** For one workflow, its steps in order; for all, the slowest steps. `unfold`: shows all of them; null: they are shown. */
export function stepsPart(stats: Stats, one: boolean, speech: Speech, unfold: (() => void) | null, opening: Opening) {
  const { words, formats } = speech
  const all = stepsOf(stats)
  const listed = one
    ? inOrder(all)
    : all.filter(({ parent }) => parent === null).sort((a, b) => (b.p95Duration ?? 0) - (a.p95Duration ?? 0))
  const isWhole = !unfold || listed.length <= MOST_SHOWN
  const shown = isWhole ? listed : listed.slice(0, MOST_SHOWN)
  const longest = longestOf(shown)
  const heading = one ? words.eachStep : words.slowestSteps
  const rows = shown.map((step) => {
    const name = nameOf(step, speech)
    return html`
      <tr class=${step.parent !== null && one ? 'below' : ''}>
        ${namedPart(toggle(step, name, opening), one ? '' : step.workflow, spreadPart(step, longest))} ${spreadCells(step, speech)}
      </tr>
      ${opening.opened.row(step, words.durationsOf(name), speech)}
    `
  })
  return figurePart({
    id: 'steps',
    heading,
    about: spreadAbout(shown, speech),
    wide: true,
    chart: html`
      ${drawnTable(heading, [words.step, 'p50', 'p95', countHead(words.completed)], rows)}
      ${
        isWhole
          ? nothing
          : html`<button class="all" part="button" @click=${unfold}>
              ${words.showAll(formats.number(listed.length))}
            </button>`
      }
    `,
  })
}

/** The name of a step, as a button that opens it. */
function toggle(step: Step, name: string, { opened, toggle }: Opening) {
  return html`<button class="fold" part="button" aria-expanded=${opened.has(step)} @click=${() => toggle(step)}>${name}\u00a0${chevronIcon()}</button>`
}

/** The steps that failed most often. */
export function failingPart(stats: Stats, one: boolean, speech: Speech) {
  const { words, formats } = speech
  const failing = stepsOf(stats)
    .filter(({ failed }) => failed > 0)
    .sort((a, b) => b.failed - a.failed)
    .slice(0, MOST_FAILING)
  const most = Math.max(...failing.map(({ failed }) => failed))
  const rows = failing.map((step) => {
    const about = [step.parent === null ? '' : words.ofStep(step.parent), one ? '' : step.workflow]
      .filter(Boolean)
      .join(' · ')
    return html`<tr>
      ${namedPart(nameOf(step, speech), about, barPart(step.failed / most, 'failed'))}
      <td>${exactly(step.failed, formats.number)}</td>
      <td>${exactly(step.failed / (step.completed + step.failed), speech.rate)}</td>
      <td class="n">${exactly(step.completed + step.failed, formats.number)}</td>
    </tr>`
  })
  return figurePart({
    id: 'failing',
    heading: words.failingSteps,
    about: failing.length === 0 ? words.noneFailed : words.failingAbout,
    wide: true,
    chart:
      failing.length === 0
        ? nothing
        : drawnTable(words.failingSteps, [words.step, words.failures, '%', countHead(words.runs)], rows),
  })
}

/** How long each workflow takes; if the reader can choose, clicking its name chooses it. */
export function workflowsPart({ workflows }: Stats, speech: Speech, choose: ((workflow: string) => void) | null) {
  const { words } = speech
  const longest = longestOf(workflows)
  const rows = workflows.map((each) => {
    const { workflow } = each
    const name = choose
      ? html`<button class="link" part="button" @click=${() => choose(workflow)}>${workflow}</button>`
      : workflow
    return html`<tr>${namedPart(name, '', spreadPart(each, longest))}${spreadCells(each, speech)}</tr>`
  })
  return figurePart({
    id: 'workflows',
    heading: words.eachWorkflow,
    about: spreadAbout(workflows, speech),
    wide: true,
    chart: drawnTable(words.eachWorkflow, [words.workflow, 'p50', 'p95', countHead(words.completed)], rows),
  })
}

function stepsOf({ workflows }: Stats): Step[] {
  return workflows.flatMap(({ workflow, steps }) => steps.map((step) => ({ ...step, workflow })))
}

/** Each step, followed by its sub-steps, and these by theirs; what is below several of one name is there once. */
function inOrder(steps: Step[]): Step[] {
  const rest = new Set(steps)
  const take = (name: string | null) => [...rest].filter((step) => step.parent === name && rest.delete(step))
  const withBelow = (step: Step): Step[] => [step, ...take(step.step).flatMap(withBelow)]
  // Of a step and a sub-step of one name, the step comes first to what is below that name.
  const branches = take(null).map((step) => [step, ...take(step.step)] as const)
  return branches.flatMap(([step, ...parts]) => [step, ...parts.flatMap(withBelow)])
}
