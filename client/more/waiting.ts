import type { Step } from '../../db/contract.ts'
import { isolated, type Shown, type Waiting } from '../parts/shown.ts'
import { moreOf } from '../words/more.ts'
import { clockIcon } from './icons.ts'

/** The text of a step that waits for its next attempt. */
export function waitingOf({ error, nextAttemptAt }: Step, { words, formats, clock }: Shown): Waiting {
  const more = moreOf(words)
  const left = Date.parse(nextAttemptAt ?? '') - clock.now()
  return {
    icon: clockIcon(),
    time: left > 0 ? more.nextTry(formats.roughly(left)) : more.nextTrySoon,
    why: error === null ? '' : more.lastError(isolated(error)),
  }
}

/** The text of a run that waits for a place; null: it does not wait. */
export function parkedText({ run: { parkedBy }, words, formats }: Shown): string | null {
  return parkedBy === null ? null : moreOf(words).parked(parkedBy, formats.number(parkedBy))
}
