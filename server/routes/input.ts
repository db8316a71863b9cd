import { z } from 'zod'
import type { WorkflowInfo } from '../../db/contract.ts'
import type { Logger } from '../../db/logger.ts'
import { check } from '../body.ts'

const ANYTHING = z.unknown()

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
