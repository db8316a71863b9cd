import type { Step } from '../../db/contract.ts'
import { isolated, type Shown, type Waiting } from '../parts/shown.ts'
import { moreOf } from '../words/more.ts'
import { clockIcon } from './icons.ts'

/** What is said of a step that waits for its next try. */
export function waitingOf({ error, nextAttemptAt }: Step, { words, formats, clock }: Shown): Waiting {
  const left = Date.parse(nextAttemptAt ?? '') - clock.now()
  return {
    icon: clockIcon(),
    time: left > 0 ? words.nextTry(formats.roughly(left)) : words.nextTrySoon,
    why: error === null ? '' : moreOf(words).lastError(isolated(error)),
  }
}
