import { z } from 'zod'
import type { WorkflowInfo } from '../db/contract.ts'
import type { Logger } from '../db/logger.ts'
import { check } from './body.ts'
import { invalid } from './problem.ts'

const ANYTHING = z.unknown()

/** 422 that lists what can be started. */
export function findWorkflow(workflows: WorkflowInfo[], name: string): WorkflowInfo {
  const found = workflows.find((workflow) => workflow.name === name)
  if (found) return found
  const known =
    workflows.map((workflow) => workflow.name).join(', ') || 'none: start a worker, or run stepcast register'
  throw invalid([{ path: 'workflow', message: `there is no workflow “${name}”; registered are: ${known}` }])
}

/** Inputs are checked against what the worker registered; the worker checks them again by its own schema. */
export class InputCheck {
  readonly #logger: Logger
  readonly #shapes = new Map<string, z.ZodType>()

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** 422 with the fields that are wrong, as `input.name`. */
  check(workflow: WorkflowInfo, input: unknown): void {
    if (workflow.inputSchema) check(this.#shapeOf(workflow), input, 'input')
  }

  #shapeOf(workflow: WorkflowInfo): z.ZodType {
    const name = `${workflow.name} ${workflow.version}`
    const shape = this.#shapes.get(name) ?? this.#compile(workflow)
    this.#shapes.set(name, shape)
    return shape
  }

  #compile({ name, inputSchema }: WorkflowInfo): z.ZodType {
    try {
      return z.fromJSONSchema(inputSchema as Parameters<typeof z.fromJSONSchema>[0])
    } catch (error) {
      this.#logger.warn(
        { err: error, workflow: name },
        'this input schema cannot be checked here: only the worker will',
      )
      return ANYTHING
    }
  }
}
