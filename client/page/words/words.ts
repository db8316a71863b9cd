import type { StuckRun } from '../../../db/contract.ts'

/** The pages' words, besides those of the elements. Numbers and times are passed as formatted strings. */
export interface PageWords {
  runs: string
  statistics: string
  start: string
  language: string
  forget: string
  unreachable: string
  /** After a start without an answer. */
  uncertain: string
  forbidden(detail: string): string
  tokenTitle: string
  tokenHint: string
  token: string
  tokenKept: string
  tokenGive: string
  tokenLeave: string
  tokenRefused: string
  stuck(count: number, written: string): string
  stuckBecause(stuck: StuckRun): string
  since(time: string): string
  back: string
  again: string
  remove: string
  removeQuestion: string
  removeYes: string
  keep: string
  notRemoved: string
  journal: string
  journalHint: string
  noJournal: string
  notJournal: string
  when: string
  who: string
  what: string
  why: string
  moreEntries: string
  action(action: string): string
  change(from: string, to: string): string
  of(step: string): string
  startTitle: string
  startButton: string
  starting: string
  workflow: string
  input: string
  noInput: string
  optional: string
  choose: string
  required: string
  notNumber: string
  notJson: string
  notPattern: string
  addItem: string
  removeItem(number: string): string
  item(number: string): string
  key: string
  keyHint: string
  startAgain: string
  known: string
  show: string
  fromRun: string
  noFromRun: string
  noWorkflows: string
  noWorkflowsHint: string
  steps(names: string): string
}
