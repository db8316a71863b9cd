import { nameOfStep, type Shown } from './parts/shown.ts'

/** What a screen reader announces: which step the run is at, and how it ended. */
export interface Milestone {
  text: string
  isEnd: boolean
}

/** What follows the first line of an error, or its 200th character: a screen reader would say all of it. */
const REST = /(?<=^.{200}).+|\n.*/su

export function milestoneOf({ run, current, branches, words, formats, language }: Shown): Milestone {
  const isEnd = run.completedAt !== null
  if (isEnd) return { text: [words.run[run.status], run.error?.replace(REST, '…')].filter(Boolean).join(': '), isEnd }
  if (run.status === 'pending' || current === null) return { text: words.run[run.status], isEnd }
  const place = words.stepOf(formats.number(current.number), formats.number(branches.length))
  return { text: `${place}: ${nameOfStep(current.branch.step, language)}`, isEnd }
}
