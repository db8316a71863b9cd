import type { Run, Step } from '../../db/contract.ts'
import { aStep } from './samples.ts'

/** A run with its steps, as a snapshot would bring it. */
export interface RunState {
  run: Partial<Run>
  steps: Step[]
}

export const OVER = '2026-11-22T10:01:00.000Z'

const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000).toISOString()

export const done: Partial<Step> = {
  status: 'completed',
  progress: 100,
  attempt: 1,
  duration: 3_100,
  startedAt: ago(9),
  completedAt: ago(6),
}

export const running: Partial<Step> = {
  status: 'running',
  progress: 40,
  attempt: 1,
  usual: 20_000,
  usualP95: 34_000,
  usualRuns: 50,
  startedAt: ago(5),
  message: '4 of 10',
}

export const failed: Partial<Step> = {
  status: 'failed',
  attempt: 2,
  lastAttempt: 2,
  duration: 900,
  startedAt: ago(5),
  completedAt: ago(4),
  error: 'The remote refused the push.',
  errorStack: 'PushError: refused\n    at push (push.ts:4)\n  [cause]: GitError: protected\n    at git (git.ts:1)',
}

const names = ['Resolve credentials', 'Push template', 'Finish']

/** Three steps in order, each changed by what is given for it. */
export function three(...changes: Partial<Step>[]): Step[] {
  return names.map((displayName, at) =>
    aStep({ id: at + 1, sequence: at + 1, displayName, step: `s${at + 1}`, ...changes[at] }),
  )
}

/** A sub-step of the second of them. */
export const sub = (id: number, changes: Partial<Step>) =>
  aStep({ id, parentId: 2, sequence: id, displayName: `Sub ${id}`, step: `sub${id}`, ...changes })

const deep = (id: number, parentId: number, changes: Partial<Step>) => sub(id, { parentId, ...changes })

export const states = {
  pending: { run: { status: 'pending', startedAt: null }, steps: three() },
  parked: { run: { status: 'pending', startedAt: null, parkedBy: 2 }, steps: three() },
  planned: { run: { status: 'pending', startedAt: null, runAt: '2099-01-01T08:00:00Z' }, steps: three() },
  running: {
    run: { progress: 46, startedAt: ago(9) },
    steps: [...three(done, running, { usual: 200 }), sub(4, done), sub(5, { ...running, usual: null })],
  },
  late: { run: { progress: 46 }, steps: three(done, { ...running, usual: 500, usualP95: 900, startedAt: ago(80) }) },
  waiting: {
    run: { progress: 46 },
    steps: three(done, {
      status: 'pending',
      attempt: 1,
      lastAttempt: 5,
      error: 'No answer.',
      nextAttemptAt: new Date(Date.now() + 60_000).toISOString(),
    }),
  },
  deep: {
    run: { progress: 30, startedAt: ago(9) },
    steps: [
      ...three(done, running),
      sub(4, done),
      sub(5, running),
      deep(6, 4, done),
      deep(7, 5, done),
      deep(8, 5, running),
      deep(9, 8, running),
      deep(10, 8, {}),
    ],
  },
  failed: {
    run: { status: 'failed', progress: 46, completedAt: OVER, duration: 31_000, error: 'The remote refused the push.' },
    steps: three(done, failed),
  },
  refused: {
    run: { status: 'failed', completedAt: OVER, duration: 0, error: 'The input is not valid.' },
    steps: three(),
  },
  cancelled: {
    run: { status: 'cancelled', progress: 46, completedAt: OVER, duration: 31_000 },
    steps: three(done, { status: 'cancelled', startedAt: ago(3), duration: 900 }, { status: 'cancelled' }),
  },
  completed: {
    run: { status: 'completed', progress: 100, completedAt: OVER, duration: 43_000 },
    steps: three(done, { status: 'skipped', message: 'There already.' }, done),
  },
} satisfies Record<string, RunState>
