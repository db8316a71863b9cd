import { z } from 'zod'
import type * as contract from '../../db/contract.ts'

/*
 * The server's responses, as the contract's types define them: the compiler compares the two. Requests are described by
 * the schemas that check them, in ../routes/requests.ts.
 */

const time = z.iso.datetime({ offset: true }).describe('ISO 8601, with its offset from UTC')
const count = z.int().min(0)
const duration = count.nullable().describe('Milliseconds')
const progress = z.int().min(0).max(100)
const texts = z.record(z.string(), z.string()).nullable().describe('One text per BCP 47 language tag')
const object = z.record(z.string(), z.unknown())
const text = z.string().nullable()
const runStatus = z.enum(['pending', 'running', 'completed', 'failed', 'cancelled'])
const stepStatus = z.enum([...runStatus.options, 'skipped'])

const run = z.strictObject({
  id: z.guid(),
  workflow: z.string(),
  workflowVersion: z.string(),
  key: text.describe("The application's own name for the run"),
  displayName: z.string(),
  displayNames: texts,
  status: runStatus,
  progress,
  error: text,
  errorStack: text,
  metadata: object,
  revision: count.describe('Rises with every change to the run, its steps or its logs; never falls within an epoch'),
  priority: z.int(),
  parkedBy: z.int().nullable().describe('It waits for a place, for only so many of its kind may run at a time'),
  runAt: time,
  createdAt: time,
  createdBy: z.string(),
  startedAt: time.nullable(),
  completedAt: time.nullable(),
  duration,
  updatedAt: time,
}) satisfies z.ZodType<contract.Run>

const position = z.strictObject({
  step: text,
  displayName: text,
  displayNames: texts,
  number: z.int().nullable().describe('From 1; null: the run has no steps'),
  total: count,
  message: text,
  messages: texts,
  nextAttemptAt: time.nullable(),
  expectedAt: time.nullable().describe('When the run should be done; null: it is finished, or too few were to say'),
}) satisfies z.ZodType<contract.Position>
const current = position.nullable().describe('Where the run is')
const listedRun = run.extend({ current }) satisfies z.ZodType<contract.ListedRun>

const step = z.strictObject({
  id: z.int(),
  parentId: z.int().nullable().describe('A sub-step has a parent'),
  step: z.string(),
  displayName: z.string(),
  displayNames: texts,
  sequence: z.int().describe('Order among its siblings, from 1'),
  status: stepStatus,
  progress,
  weight: z.number().describe("Its share of the run's bar"),
  usual: duration.describe('Median milliseconds of past runs; null: too few to say'),
  usualP95: duration.describe('What 95 % of them took at most'),
  usualRuns: count.nullable().describe('How many past runs these stand on'),
  message: text,
  messages: texts,
  attempt: count.describe('The number of the latest attempt, 0 before the first'),
  lastAttempt: z.int().describe('The number of its last attempt, should the ones before it fail'),
  nextAttemptAt: time.nullable(),
  error: text,
  errorStack: text,
  metadata: object,
  startedAt: time.nullable(),
  completedAt: time.nullable(),
  duration,
  revision: count,
}) satisfies z.ZodType<contract.Step>

const attempt = z.strictObject({
  stepId: z.int(),
  attempt: z.int(),
  worker: text,
  status: stepStatus,
  error: text,
  errorStack: text,
  startedAt: time,
  completedAt: time.nullable(),
  duration,
}) satisfies z.ZodType<contract.Attempt>

const logLine = z.strictObject({
  line: z.int().describe('Dense per run, from 1'),
  stepId: z.int().nullable(),
  at: time,
  level: z.enum(['debug', 'info', 'warn', 'error']),
  message: z.string(),
}) satisfies z.ZodType<contract.LogLine>

const journalEntry = z.strictObject({
  entry: z.int().describe('Dense per run, from 1, in commit order'),
  at: time,
  actor: z.string(),
  action: z.string(),
  stepId: z.int().nullable(),
  step: text,
  attempt: z.int().nullable(),
  from: stepStatus.nullable(),
  to: stepStatus.nullable(),
  reason: text,
}) satisfies z.ZodType<contract.JournalEntry>

const runDetails = z.strictObject({
  run: run.extend({ input: z.unknown(), output: z.unknown() }).describe('Input, output and stacks need run:debug'),
  steps: z.array(step),
  attempts: z
    .array(attempt)
    .describe('The newest of every step and then the latest, until their errors and stacks have 16 MiB'),
  operations: z.array(journalEntry).describe('The journal without changes of status, the latest 100'),
  unserved: z.boolean().describe('Whether no worker that lives has its version of the workflow'),
  now: time.describe("The database's clock"),
}) satisfies z.ZodType<contract.RunDetails>

const startedRun = z.union([runDetails, z.strictObject({ run: z.strictObject({ id: z.guid() }) })])
const runPage = z.strictObject({
  runs: z.array(listedRun),
  next: z.string().nullable().describe('`after` of the next page'),
})
const journalPage = z.strictObject({ entries: z.array(journalEntry), next: z.int().nullable() })

const workflows = z.strictObject({
  workflows: z.array(
    z.strictObject({
      name: z.string(),
      version: z.string(),
      displayName: z.string(),
      displayNames: texts,
      steps: z.array(
        z.strictObject({ step: z.string(), displayName: z.string(), displayNames: texts, weight: z.number() }),
      ),
      inputSchema: object.nullable().describe('JSON Schema, draft 2020-12'),
      registeredAt: time,
    }) satisfies z.ZodType<contract.WorkflowInfo>,
  ),
})

const runNumbers = {
  runs: count,
  completed: count,
  failed: count,
  cancelled: count,
  successRate: z.number().min(0).max(1).nullable(),
  averageDuration: duration,
  p50Duration: duration,
  p95Duration: duration,
}
const numbers = { ...runNumbers, retries: count.describe('Attempts after the first') }
const stepStats = z.strictObject({
  ...numbers,
  parent: text,
  step: z.string(),
  displayName: z.string(),
  displayNames: texts,
  skipped: count,
}) satisfies z.ZodType<contract.StepStats>
const workflowStats = z.strictObject({
  ...numbers,
  workflow: z.string(),
  steps: z.array(stepStats),
}) satisfies z.ZodType<contract.WorkflowStats>
const durationBucket = z.strictObject({
  atLeast: z.number(),
  below: z.number().nullable(),
  runs: count,
}) satisfies z.ZodType<contract.DurationBucket>
const { averageDuration: _, ...trendNumbers } = runNumbers
const trendPoint = z.strictObject({ ...trendNumbers, at: time }) satisfies z.ZodType<contract.TrendPoint>
const stats = z.strictObject({
  since: time.nullable(),
  until: time,
  workflowsSince: time.nullable(),
  workflows: z.array(workflowStats),
  total: z.strictObject(runNumbers),
  durations: z.array(durationBucket),
  trend: z.strictObject({
    unit: z.enum(['hour', 'day', 'week', 'month']),
    zone: z.string(),
    points: z.array(trendPoint),
  }),
}) satisfies z.ZodType<contract.Stats>
const runningStats = z.strictObject({
  running: z.array(
    z.strictObject({
      workflow: z.string(),
      step: z.string(),
      displayName: z.string(),
      displayNames: texts,
      runs: count,
      since: time,
    }),
  ),
  waiting: z.strictObject({ runs: count, since: time.nullable() }),
  lastEnd: time.nullable(),
  at: time.describe("The server's clock"),
}) satisfies z.ZodType<contract.RunningStats>
const durations = z.strictObject({ since: time.nullable(), until: time, durations: z.array(durationBucket) })

const { id, workflow, key, displayName, displayNames, status } = run.shape
const stuckReason = z.enum(['no-worker', 'no-version', 'dead-worker', 'silent', 'given-back', 'no-change', 'no-on-end'])
const stuckRuns = z.strictObject({
  runs: z.array(
    z.strictObject({
      id,
      workflow,
      key,
      displayName,
      displayNames,
      status,
      step: text,
      reason: stuckReason,
      why: z.string().describe('In English'),
      since: time,
    }) satisfies z.ZodType<contract.StuckRun>,
  ),
})

const named = z.strictObject({ id: z.guid(), revision: count })
const ofList = { steps: z.null(), current, now: time }
const row = z.strictObject({ run, ...ofList }) satisfies z.ZodType<contract.Row>
const snapshot = z.union([z.strictObject({ run, steps: z.array(step), now: time }), row])
const changed = run.partial().extend(named.shape)
const patch = z.union([
  z.strictObject({ run: changed, steps: z.array(step), now: time }),
  z.strictObject({ run: changed, ...ofList }),
])
const logBatch = z.strictObject({ run: named, lines: z.array(logLine) }) satisfies z.ZodType<contract.LogBatch>
const end = z.strictObject({
  run: named.extend({ status: runStatus.nullable() }),
  reason: z.enum(['completed', 'failed', 'cancelled', 'deleted', 'not-found', 'left']),
}) satisfies z.ZodType<contract.End>

const health = z.strictObject({ status: z.literal('ok') })
const problem = z
  .object({
    type: z.string().describe('`about:blank`, or a URN that names the kind of problem'),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional().describe('What was wrong, what was seen, what to do'),
    errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
  })
  .describe('RFC 9457')

/** By name; in the document each name begins with a capital letter. */
export const answers = {
  run,
  listedRun,
  position,
  step,
  attempt,
  logLine,
  journalEntry,
  runDetails,
  startedRun,
  runPage,
  journalPage,
  workflows,
  stuckRuns,
  stats,
  workflowStats,
  stepStats,
  runningStats,
  durations,
  snapshot,
  patch,
  logBatch,
  end,
  health,
  problem,
}
