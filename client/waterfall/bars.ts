import type { Attempt, Run, Step, StepStatus } from '../../db/contract.ts'
import type { Branch } from '../outline.ts'
import type { Span } from './axis.ts'

/** A piece of a step's bar. */
export interface Piece extends Span {
  /**
   * `queued`: the steps before it were done, but it had not begun; `waited`: between two attempts; else the attempt's
   * status.
   */
  kind: 'queued' | 'waited' | StepStatus
}

/** A row of the timeline. */
export interface Bar {
  step: Step
  depth: number
  pieces: Piece[]
}

/** What the rows are made from. */
export interface Told {
  run: Run
  /** The attempts of a step, if they are known; other steps show only their last one. */
  attemptsOf(step: number): Attempt[]
  /** By the server's clock, in milliseconds since 1970. */
  now: number
  isOpen(branch: Branch): boolean
}

/** The bars of all visible steps, each with the times when it queued, waited and ran. */
export function barsOf(branches: readonly Branch[], told: Told, readyAt = beginOf(told.run), depth = 0): Bar[] {
  let ready = readyAt
  return branches.flatMap((branch) => {
    const bar = { step: branch.step, depth, pieces: piecesOf(branch.step, ready, told) }
    const began = time(branch.step.startedAt) ?? ready
    const below =
      branch.children.length > 0 && told.isOpen(branch) ? barsOf(branch.children, told, began, depth + 1) : []
    ready = Math.max(ready, time(branch.step.completedAt) ?? ready)
    return [bar, ...below]
  })
}

function piecesOf(step: Step, ready: number, { attemptsOf, now }: Told): Piece[] {
  const tries = triesOf(step, attemptsOf(step.id))
  const pieces: Piece[] = []
  let reached = Math.min(ready, tries[0] ? Date.parse(tries[0].startedAt) : now)
  for (const { startedAt, completedAt, status } of tries) {
    const from = Date.parse(startedAt)
    const to = time(completedAt) ?? now
    if (from > reached) pieces.push({ kind: pieces.length === 0 ? 'queued' : 'waited', from: reached, to: from })
    pieces.push({ kind: status, from, to: Math.max(from, to) })
    reached = Math.max(from, to)
  }
  if (step.status === 'pending' && tries.length > 0 && now > reached)
    pieces.push({ kind: 'waited', from: reached, to: now })
  return pieces
}

function triesOf(step: Step, attempts: Attempt[]): Pick<Attempt, 'startedAt' | 'completedAt' | 'status'>[] {
  if (step.startedAt === null) return attempts
  const last = { startedAt: step.startedAt, completedAt: step.completedAt, status: step.status }
  if (attempts.length === 0) return step.status === 'pending' ? [] : [last]
  // The stream is ahead of the requested details, so its state of the last attempt counts.
  const isKnown = attempts.at(-1)?.attempt === step.attempt
  const before = isKnown ? attempts.slice(0, -1) : attempts
  return step.status === 'pending' ? attempts : [...before, last]
}

/** The times when a step ran or is running. */
export function busyIn(bars: readonly Bar[]): Span[] {
  return bars.flatMap(({ pieces }) => pieces.filter(({ kind }) => kind !== 'queued' && kind !== 'waited'))
}

/** How many milliseconds a step spent in such pieces. */
export function spent({ pieces }: Bar, test: (kind: Piece['kind']) => boolean): number {
  return pieces.filter(({ kind }) => test(kind)).reduce((sum, { from, to }) => sum + to - from, 0)
}

function beginOf({ createdAt, runAt, startedAt }: Run): number {
  const due = Math.max(Date.parse(createdAt), Date.parse(runAt))
  return startedAt === null ? due : Math.min(due, Date.parse(startedAt))
}

function time(text: string | null): number | null {
  return text === null ? null : Date.parse(text)
}
