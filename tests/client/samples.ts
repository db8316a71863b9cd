import type { RunEvent } from '../../client/reducer.ts'
import type { RowEvent } from '../../client/row-events.ts'
import type { EndReason, LogLine, Run, Snapshot, Step } from '../../db/contract.ts'

export const RUN = '01900000-0000-7000-8000-000000000001'
/** What the server answers when it has cancelled or retried a run. */
export const DONE = { run: { revision: 100 } }
const THEN = '2026-11-22T10:00:00.000Z'

export function aRun(changes: Partial<Run> = {}): Run {
  return {
    id: RUN,
    workflow: 'project_init',
    workflowVersion: 'v1',
    key: '42',
    displayName: 'Setting up “aurora-web”',
    displayNames: null,
    status: 'running',
    progress: 0,
    error: null,
    errorStack: null,
    metadata: {},
    revision: 1,
    priority: 0,
    runAt: THEN,
    parkedBy: null,
    createdAt: THEN,
    createdBy: 'web',
    startedAt: THEN,
    completedAt: null,
    duration: null,
    updatedAt: THEN,
    ...changes,
  }
}

export function aStep(changes: Partial<Step> = {}): Step {
  return {
    id: 1,
    parentId: null,
    step: 'push',
    displayName: 'Push',
    displayNames: null,
    sequence: 1,
    status: 'pending',
    progress: 0,
    weight: 1,
    usual: null,
    usualP95: null,
    usualRuns: null,
    message: null,
    messages: null,
    attempt: 0,
    lastAttempt: 1,
    nextAttemptAt: null,
    error: null,
    errorStack: null,
    metadata: {},
    startedAt: null,
    completedAt: null,
    duration: null,
    revision: 1,
    ...changes,
  }
}

export function aSnapshot(run: Partial<Run> = {}, steps: Step[] = [aStep()]): Snapshot {
  return { run: aRun(run), steps, now: new Date().toISOString() }
}

export function aLine(line: number): LogLine {
  return { line, stepId: 1, at: THEN, level: 'info', message: `line ${line}` }
}

export function snapshotEvent(
  run: Partial<Run> = {},
  steps: Step[] = [aStep()],
  epoch: string | null = 'e1',
): RunEvent {
  const data = aSnapshot(run, steps)
  return { type: 'snapshot', epoch, id: epoch && `${epoch}-${data.run.revision}`, data }
}

export function patchEvent(run: Partial<Run> & { revision: number }, steps: Step[] = [], epoch = 'e1'): RunEvent {
  const data = { run: { id: RUN, ...run }, steps, now: THEN }
  return { type: 'patch', epoch, id: `${epoch}-${run.revision}`, data }
}

export function logEvent(lines: number[], epoch = 'e1'): RunEvent {
  return { type: 'log', epoch, id: `${epoch}-1`, data: { run: { id: RUN, revision: 1 }, lines: lines.map(aLine) } }
}

export function endEvent(revision: number, reason: EndReason = 'completed'): RunEvent {
  if (reason === 'completed' || reason === 'failed' || reason === 'cancelled') {
    return {
      type: 'end',
      epoch: 'e1',
      id: `e1-${revision}`,
      data: { run: { id: RUN, revision, status: reason }, reason },
    }
  }
  return { type: 'end', epoch: null, id: null, data: { run: { id: RUN, revision, status: null }, reason } }
}

/** A run enters a list; `number` makes its id, so that a higher one is newer. */
export function rowEvent(number: number, run: Partial<Run> = {}, epoch = 'e1'): RowEvent {
  const data = { run: aRun({ id: rowId(number), ...run }), steps: null, current: null, now: THEN }
  return { type: 'snapshot', epoch, id: `${epoch}-${data.run.revision}`, data }
}

export function rowPatchEvent(number: number, run: Partial<Run> & { revision: number }, epoch = 'e1'): RowEvent {
  const data = { run: { id: rowId(number), ...run }, steps: null, current: null, now: THEN }
  return { type: 'patch', epoch, id: `${epoch}-${run.revision}`, data }
}

export function leaveEvent(number: number, reason: 'left' | 'deleted' = 'left'): RowEvent {
  return { type: 'end', epoch: null, id: null, data: { run: { id: rowId(number), revision: 1, status: null }, reason } }
}

export function rowId(number: number): string {
  return `01900000-0000-7000-8000-${String(number).padStart(12, '0')}`
}
