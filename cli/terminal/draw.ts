import { type Branch, currentOf, outline } from '../../client/outline.ts'
import type { Run, Step } from '../../db/contract.ts'
import { duration } from './duration.ts'
import { clean, cut, type Look, pad, paint, width } from './text.ts'

type Status = Step['status']

export const ICONS: Record<Status, string> = {
  completed: '✓',
  running: '●',
  pending: '○',
  failed: '✗',
  skipped: '–',
  cancelled: '–',
}

const STYLES: Record<Status, Parameters<typeof paint>[0]> = {
  completed: 'green',
  running: 'cyan',
  pending: 'dim',
  failed: 'red',
  skipped: 'dim',
  cancelled: 'yellow',
}

const WIDEST = 88
const BAR = 28
const ERROR_LINES = 6
/** In fewer rows than this, no line is left empty. */
const LOW = 8

/** A run as lines that fit the terminal. `since`: returns the milliseconds from an ISO time until now. */
export function drawRun(run: Run, steps: readonly Step[], look: Look, since: (time: string) => number): string[] {
  const columns = Math.min(look.columns - 1, WIDEST)
  const branches = outline(steps)
  const gap = look.rows < LOW ? [] : ['']
  const head = [drawTitle(run, columns, look, since), ...gap]
  const foot = [...gap, drawBar(run, branches, columns, look)]
  const draw: Draw = (step, depth) => drawStep(step, depth, columns, look, since)
  const room = Math.max(1, look.rows - head.length - foot.length - 2)
  const drawn = [everyStep, isUnderWay, noStep].map((isOpen) => fit(linesOf(branches, isOpen, draw), room))
  const body = drawn.find((lines) => lines !== null) ?? around(run, branches, room, draw)
  return [...head, ...body, ...foot]
}

/** The lines of a step without its sub-steps: one at least. */
type Draw = (step: Step, depth: number) => string[]

// If it is too high for the terminal, finished steps fold, then all steps.
const everyStep = () => true
const isUnderWay = ({ status }: Step) => status !== 'completed'
const noStep = () => false

/** Drawn one by one, because a run may have thousands of sub-steps and a terminal has room for few of them. */
function* linesOf(
  branches: Branch[],
  isOpen: (step: Step) => boolean,
  draw: Draw,
  depth = 0,
): Generator<string, void, undefined> {
  for (const { step, children } of branches) {
    yield* draw(step, depth)
    if (isOpen(step)) yield* linesOf(children, isOpen, draw, depth + 1)
  }
}

/** null: there is no room for all of them, and the rest is not drawn. */
function fit(lines: Iterable<string>, room: number): string[] | null {
  const fitting: string[] = []
  for (const line of lines) if (fitting.push(line) > room) return null
  return fitting
}

/** If it is still too high: only what surrounds the current step. */
function around(run: Run, branches: Branch[], room: number, draw: Draw): string[] {
  const { number } = currentOf(branches, run) ?? { number: 1 }
  const current = number - 1
  const before = [...linesOf(branches.slice(Math.max(0, current - room), current), noStep, draw)]
  const lines = [...before, ...linesOf(branches.slice(current, current + room), noStep, draw)]
  const first = Math.max(0, Math.min(before.length - Math.floor(room / 2), lines.length - room))
  return lines.slice(first, first + room)
}

function drawTitle(run: Run, columns: number, look: Look, since: (time: string) => number): string {
  const time = run.duration ?? (run.startedAt ? since(run.startedAt) : null)
  const right = [run.status, time === null ? '' : duration(time)].filter(Boolean).join('  ')
  const name = cut(clean(run.displayName), columns - width(right) - 4)
  const left = pad(`  ${paint('bold', name, look)}`, columns - width(right))
  return left + paint(STYLES[run.status], right, look)
}

function drawStep(step: Step, depth: number, columns: number, look: Look, since: (time: string) => number): string[] {
  const indent = '  '.repeat(depth + 1)
  const right = timeOf(step, since)
  const room = columns - width(indent) - 3 - width(right)
  const name = cut(clean(step.displayName), room)
  const note = cut(noteOf(step), room - width(name) - 2)
  const icon = paint(STYLES[step.status], ICONS[step.status], look)
  const words = step.status === 'pending' ? paint('dim', name, look) : name
  const line = `${indent}${icon} ${words}${note && `  ${paint('dim', note, look)}`}`
  const timed = right ? pad(line, columns - width(right)) + paint('dim', right, look) : line
  return [timed, ...drawError(step, indent, columns, look)]
}

function timeOf(step: Step, since: (time: string) => number): string {
  if (step.duration !== null) return duration(step.duration)
  return step.status === 'running' && step.startedAt ? duration(since(step.startedAt)) : ''
}

/** The dimmed text after the name. */
function noteOf(step: Step): string {
  if (step.status === 'completed') return ''
  const percent = step.status === 'running' && step.progress > 0 ? `${step.progress} %` : ''
  const attempt = step.attempt > 1 ? `attempt ${step.attempt}` : ''
  const waiting = step.status === 'pending' && step.nextAttemptAt ? 'waits for its next attempt' : ''
  return [percent, clean(step.message ?? ''), attempt, waiting].filter(Boolean).join('  ')
}

function drawError(step: Step, indent: string, columns: number, look: Look): string[] {
  if (step.error === null || (step.status !== 'failed' && step.status !== 'pending')) return []
  const lines = step.error.split('\n').map(clean).filter(Boolean).slice(0, ERROR_LINES)
  return lines.map((line) => `${indent}  ${paint('red', cut(line, columns - width(indent) - 2), look)}`)
}

function drawBar(run: Run, branches: Branch[], columns: number, look: Look): string {
  const percent = `${run.progress} %`
  const size = Math.max(0, Math.min(BAR, columns - width(percent) - 4))
  const full = Math.round((run.progress / 100) * size)
  const bar = paint(STYLES[run.status], '█'.repeat(full), look) + paint('dim', '░'.repeat(size - full), look)
  const room = columns - size - width(percent) - 6
  return `  ${bar}  ${percent}  ${cut(clean(whereabouts(run, branches)), room)}`.trimEnd()
}

/** `Step 3 of 7: Push template`; empty before the run has begun, and once it has completed or was cancelled. */
function whereabouts(run: Run, branches: Branch[]): string {
  const current = run.status === 'running' || run.status === 'failed' ? currentOf(branches, run) : null
  return current ? `Step ${current.number} of ${branches.length}: ${current.branch.step.displayName}` : ''
}
