import type { Attempt, JournalEntry, Run, RunDetails, Step } from '../../db/contract.ts'
import { aRun, aStep } from './samples.ts'

/** A run with its steps, as a snapshot would bring it. */
export interface RunState {
  run: Partial<Run>
  steps: Step[]
}

export const OVER = new Date().toISOString()

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

/** Begun not long ago. */
const recent: Partial<Run> = { createdAt: ago(11), runAt: ago(11), startedAt: ago(10) }

export const states = {
  pending: { run: { ...recent, status: 'pending', createdAt: ago(1), startedAt: null }, steps: three() },
  parked: { run: { ...recent, status: 'pending', startedAt: null, parkedBy: 2 }, steps: three() },
  planned: {
    run: { status: 'pending', startedAt: null, createdAt: ago(1), runAt: '2099-01-01T08:00:00Z' },
    steps: three(),
  },
  running: {
    run: { ...recent, progress: 46 },
    steps: [...three(done, running, { usual: 200 }), sub(4, done), sub(5, { ...running, usual: null })],
  },
  late: {
    run: { ...recent, progress: 46 },
    steps: three(done, { ...running, usual: 500, usualP95: 900, startedAt: ago(80) }),
  },
  waiting: {
    run: { ...recent, progress: 46 },
    steps: three(done, {
      status: 'pending',
      attempt: 1,
      lastAttempt: 5,
      error: 'No answer.',
      nextAttemptAt: new Date(Date.now() + 600_000).toISOString(),
    }),
  },
  deep: {
    run: { ...recent, progress: 30 },
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
    run: {
      ...recent,
      status: 'failed',
      progress: 46,
      completedAt: OVER,
      duration: 31_000,
      error: 'The remote refused the push.',
    },
    steps: three(done, failed),
  },
  refused: {
    run: { ...recent, status: 'failed', completedAt: OVER, duration: 0, error: 'The input is not valid.' },
    steps: three(),
  },
  cancelled: {
    run: { ...recent, status: 'cancelled', progress: 46, completedAt: OVER, duration: 31_000 },
    steps: three(done, { status: 'cancelled', startedAt: ago(3), duration: 900 }, { status: 'cancelled' }),
  },
  completed: {
    run: { ...recent, status: 'completed', progress: 100, completedAt: OVER, duration: 43_000 },
    steps: three(done, { status: 'skipped', message: 'There already.' }, done),
  },
} satisfies Record<string, RunState>

/** What `GET /runs/:id` answers: each step with all its tries, each a second long with a second between. */
export function detailsOf({ run, steps }: RunState, more: Partial<RunDetails> = {}): RunDetails {
  const now = new Date().toISOString()
  return {
    run: { ...aRun(run), input: {}, output: null },
    steps,
    attempts: steps.flatMap(attemptsOf),
    operations: [operation('create', 'web')],
    unserved: false,
    now,
    ...more,
  }
}

/** The last one as the step has it; each before it began two seconds earlier than the next. */
function attemptsOf(step: Step): Attempt[] {
  const { status, error, errorStack, completedAt, duration } = step
  const last = Date.parse(step.startedAt ?? ago(4))
  return Array.from({ length: step.attempt }, (_, index) => {
    const began = last - 2_000 * (step.attempt - 1 - index)
    const isLast = index + 1 === step.attempt && status !== 'pending'
    const failure = { status: 'failed' as const, error: `Try ${index + 1} got no answer.`, errorStack: null }
    const ended = { completedAt: new Date(began + 1_000).toISOString(), duration: 1_000 }
    const outcome = isLast ? { status, error, errorStack, completedAt, duration } : { ...failure, ...ended }
    return {
      stepId: step.id,
      attempt: index + 1,
      worker: 'worker-1',
      startedAt: new Date(began).toISOString(),
      ...outcome,
    }
  })
}

export function operation(action: string, actor: string, reason: string | null = null): JournalEntry {
  return { entry: 1, at: OVER, actor, action, stepId: null, step: null, attempt: null, from: null, to: null, reason }
}
