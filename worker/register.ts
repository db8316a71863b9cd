import { createHash } from 'node:crypto'
import type { Db } from '../db/client.ts'
import type { Localized } from '../db/contract.ts'
import { registerWorkflow, type WorkflowRow } from '../db/workflows.ts'
import { milliseconds } from './duration.ts'
import { inputSchemaOf } from './input-schema.ts'
import type { DeclaredSubstep, RetryOptions, StepDefinition, WorkflowDefinition } from './options.ts'
import type { Workflow } from './workflow.ts'

const MINUTE = 60_000

export interface RegisterOptions {
  /** Make these the current versions even if others were registered later, as after a rollback. Default false. */
  takeCurrent?: boolean
}

/** Registers workflows in the database, so that runs of them can be started. */
export async function registerWorkflows(
  db: Db,
  workflows: readonly Workflow[],
  options: RegisterOptions = {},
): Promise<void> {
  const rows = workflows.map(describe)
  const twice = rows.find(
    (row, index) => rows.findIndex(({ name, version }) => name === row.name && version === row.version) !== index,
  )
  if (twice) throw new TypeError(`the workflow ${twice.name} is in the list twice; give each a name of its own`)
  // An older version of a workflow may follow the newer one, to finish its runs: the first becomes current.
  for (const row of rows.reverse()) await registerWorkflow(db, row, options.takeCurrent ?? false)
}

/** Graphile's name of the task that runs this version of a workflow. */
export function taskName(workflow: Workflow): string {
  const { name, version } = describe(workflow)
  return `stepcast:${name}:${version}`
}

const described = new WeakMap<WorkflowDefinition, WorkflowRow>()

/** Computed once for each definition, so that its version is the same everywhere. */
function describe({ definition }: Workflow): WorkflowRow {
  const row = described.get(definition) ?? makeRow(definition)
  described.set(definition, row)
  return row
}

/**
 * A workflow as its row: everything except the handlers. The version is a hash of that, without the defaults of its
 * input: a default may come from a function, and differ in every process.
 */
function makeRow(definition: WorkflowDefinition): WorkflowRow {
  if (definition.steps.length === 0)
    throw new TypeError(`workflow ${definition.name} has no steps; add one with .step(…)`)
  const steps = definition.steps.map(describeStep)
  const input = definition.input ? inputSchemaOf(definition.name, definition.input) : null
  const title = languages(definition.displayName)
  const options = describeOptions(definition)
  const version = createHash('sha256')
    .update(JSON.stringify([steps, input?.constant ?? null, title, options]))
    .digest('hex')
    .slice(0, 12)
  return { name: definition.name, version, ...title, steps, inputSchema: input?.published ?? null, options }
}

function describeOptions({ name, timeout, onFailure, concurrency, onEnd }: WorkflowDefinition): object {
  return {
    // Whatever ends a run then knows whether a worker still has something to do.
    ...(onEnd !== undefined && { onEnd: true }),
    ...(timeout !== undefined && { timeout: milliseconds(timeout, `timeout of workflow ${name}`) }),
    ...(onFailure !== undefined && { onFailure }),
    ...(concurrency !== undefined && { concurrency }),
  }
}

/** What the database needs to know of a step; defaults are left out. Durations are milliseconds. */
function describeStep(step: StepDefinition): object {
  const { needs, timeout, stuckAfter, retry } = step
  const of = `of step ${step.name}`
  return {
    step: step.name,
    ...languages(step.displayName),
    weight: step.weight ?? 1,
    substeps: (step.substeps ?? []).map(describeSubstep),
    ...(needs !== undefined && { needs }),
    ...(step.whenSkipped === 'skip' && { skippedWithNeeds: true }),
    ...(timeout !== undefined && { timeout: milliseconds(timeout, `timeout ${of}`) }),
    ...(stuckAfter !== undefined && {
      stuckAfter: stuckAfter !== false && milliseconds(stuckAfter, `stuckAfter ${of}`),
    }),
    ...(retry !== undefined && { retry: describeRetry(retry, of) }),
  }
}

function describeRetry(retry: RetryOptions, of: string): object {
  const { attempts, factor = 2, jitter = 0.5 } = retry
  const delay = milliseconds(retry.delay ?? '1s', `retry.delay ${of}`)
  const maxDelay = milliseconds(retry.maxDelay ?? Math.max(delay, 5 * MINUTE), `retry.maxDelay ${of}`)
  return {
    attempts,
    delay,
    factor,
    maxDelay,
    jitter,
  }
}

function describeSubstep(substep: string | DeclaredSubstep): object {
  const { name, displayName, weight = 1 } = typeof substep === 'string' ? { name: substep } : substep
  return { step: name, ...languages(displayName), weight }
}

/** The fallback string, and all languages; jsonb does not keep the order, so the first is stored separately. */
export function languages(text: Localized | undefined): {
  displayName: string | null
  displayNames: Record<string, string> | null
} {
  if (text === undefined || typeof text === 'string') return { displayName: text ?? null, displayNames: null }
  return { displayName: Object.values(text)[0] ?? null, displayNames: { ...text } }
}
