import { html, nothing } from 'lit'
import type { Attempt, Step } from '../../db/contract.ts'
import { statusIcon } from '../parts/icons.ts'
import { type Chosen, isolated, nameOfStep, type Shown } from '../parts/shown.ts'
import { moreOf } from '../words/more.ts'
import type { Copier } from './copier.ts'
import { errorPart } from './failure.ts'

export interface AttemptDoings {
  choose(chosen: Chosen): void
  copier: Copier
}

/** The attempts of a step to choose from, and the details of the chosen one. */
export function attemptsPart(
  step: Step,
  attempts: Attempt[],
  chosen: number | null,
  shown: Shown,
  { choose, copier }: AttemptDoings,
) {
  const more = moreOf(shown.words)
  const number = chosen ?? step.attempt
  const found = attempts.find(({ attempt }) => attempt === number)
  return html`
    <div class="attempts" part="attempts" role="group" aria-label=${more.attemptsOf(nameOfStep(step, shown.language))}>
      <div class="tries">
        ${attempts.map(
          ({ attempt, status }) => html`
            <button
              class="try"
              part="button"
              aria-pressed=${attempt === number}
              @click=${() => choose({ step: step.id, attempt })}
            >
              ${statusIcon(status)}${shown.formats.number(attempt)}<span class="vh">, ${shown.words.step[status]}</span>
            </button>
          `,
        )}
      </div>
      ${found === undefined ? nothing : tryPart(found, shown, copier)}
    </div>
  `
}

function tryPart(attempt: Attempt, shown: Shown, copier: Copier) {
  const { words, formats, clock } = shown
  const more = moreOf(words)
  const spent = attempt.duration ?? clock.since(attempt.startedAt)
  const facts = [words.step[attempt.status], formats.time(attempt.startedAt), formats.duration(spent)]
  if (attempt.worker) facts.push(more.onWorker(isolated(attempt.worker)))
  return html`
    <p class="soft"><bdi>${facts.join(' · ')}</bdi></p>
    ${attempt.error === null ? nothing : errorPart(attempt, shown, copier)}
  `
}
