import { nothing } from 'lit'
import { failurePart, runFailurePart } from '../more/failure.ts'
import { foldedSteps } from '../more/rows.ts'
import { parkedText, waitingOf } from '../more/waiting.ts'
import type { Act, Doings, More } from '../parts/shown.ts'

const NO_COPY = { outcomeOf: () => undefined, copy: async () => {} }

/** Without script there are no actions. */
export const NEVER: Act = () => {}
const UNABLE: Doings = { toggle() {}, toggleLogs() {}, async toggleWaterfall() {}, withMore() {} }

/** The further parts of a run that can be read without script: its failures. */
export const STILL: More = {
  asking: { state: 'idle' },
  marks: [],
  chosen: null,
  details: null,
  foldedSteps: (shown) => foldedSteps(shown, UNABLE),
  waiting: waitingOf,
  besideStep: () => nothing,
  belowStep: (branch, shown) => failurePart(branch, shown, NO_COPY),
  aboveSteps: (shown) => runFailurePart(shown, NO_COPY),
  notice: () => nothing,
  question: () => null,
  waitsFor: parkedText,
  doing: () => null,
  refusal: () => nothing,
  operation: () => null,
  choose() {},
  askCancel() {},
  askRetry() {},
  press() {},
}
