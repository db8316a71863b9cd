import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Db } from '../db/client.ts'
import type { Localized } from '../db/contract.ts'
import { registerWorkflow, type WorkflowRow } from '../db/engine.ts'
import type { DeclaredSubstep, StepDefinition, Workflow } from './workflow.ts'

export interface RegisterOptions {
  /** Make these the current versions even where others came later, as after a roll-back. Default false. */
  takeCurrent?: boolean
}

/** Makes workflows known to the database, so that runs of them can be started. */
export async function registerWorkflows(
  db: Db,
  workflows: readonly Workflow[],
  options: RegisterOptions = {},
): Promise<void> {
  const names = workflows.map(({ definition }) => definition.name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new TypeError(`two workflows have the name ${twice}; give each a name of its own`)
  for (const workflow of workflows) await registerWorkflow(db, describe(workflow), options.takeCurrent ?? false)
}

/** A workflow as its row: everything but the handlers. The version is a hash of the rest. */
export function describe({ definition }: Workflow): WorkflowRow {
  if (definition.steps.length === 0)
    throw new TypeError(`workflow ${definition.name} has no steps; add one with .step(…)`)
  const steps = definition.steps.map(describeStep)
  const inputSchema = definition.input ? schemaOf(definition.name, definition.input) : null
  const title = languages(definition.displayName)
  const version = createHash('sha256')
    .update(JSON.stringify([steps, inputSchema, title]))
    .digest('hex')
    .slice(0, 12)
  return { name: definition.name, version, ...title, steps, inputSchema }
}

function describeStep(step: StepDefinition): object {
  return {
    step: step.name,
    ...languages(step.displayName),
    weight: step.weight ?? 1,
    substeps: (step.substeps ?? []).map(describeSubstep),
  }
}

function describeSubstep(substep: string | DeclaredSubstep): object {
  const { name, displayName, weight = 1 } = typeof substep === 'string' ? { name: substep } : substep
  return { step: name, ...languages(displayName), weight }
}

/** The text to fall back on, and all of them; jsonb forgets the order, so the first is kept apart. */
export function languages(text: Localized | undefined): {
  displayName: string | null
  displayNames: Record<string, string> | null
} {
  if (text === undefined || typeof text === 'string') return { displayName: text ?? null, displayNames: null }
  return { displayName: Object.values(text)[0] ?? null, displayNames: { ...text } }
}

function schemaOf(name: string, input: z.ZodType): object {
  try {
    return z.toJSONSchema(input, { io: 'input' })
  } catch (cause) {
    throw new TypeError(
      `the input of workflow ${name} has no JSON Schema: ${(cause as Error).message}. Use what JSON knows, such as z.iso.datetime() for a date.`,
      { cause },
    )
  }
}
