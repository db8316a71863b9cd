import type { Run, Step } from '../../db/contract.ts'

const NOON = '2026-01-01T12:00:00.000Z'

export function makeRun(changes: Partial<Run> = {}): Run {
  return {
    id: '01890000-0000-7000-8000-000000000000',
    workflow: 'work',
    workflowVersion: 'v1',
    key: null,
    displayName: 'Working',
    displayNames: null,
    status: 'pending',
    progress: 0,
    error: null,
    errorStack: null,
    metadata: {},
    revision: 1,
    priority: 0,
    runAt: NOON,
    parkedBy: null,
    createdAt: NOON,
    createdBy: 'someone',
    startedAt: changes.status === 'pending' ? null : NOON,
    completedAt: null,
    duration: null,
    updatedAt: NOON,
    ...changes,
  }
}

export function makeStep(changes: Partial<Step> & Pick<Step, 'id'>): Step {
  const begun = changes.status !== undefined && changes.status !== 'pending'
  return {
    parentId: null,
    step: 'work',
    displayName: 'Work',
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
    attempt: begun ? 1 : 0,
    lastAttempt: 1,
    nextAttemptAt: null,
    error: null,
    errorStack: null,
    metadata: {},
    startedAt: begun ? NOON : null,
    completedAt: null,
    duration: null,
    revision: 1,
    ...changes,
  }
}
