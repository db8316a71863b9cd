import { z } from 'zod'
import type { WorkflowInfo } from '../../db/contract.ts'
import type { Logger } from '../../db/logger.ts'
import { check, refusal } from '../body.ts'
import { isLarge, Sample } from './sample.ts'

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
    if (!workflow.inputSchema) return
    const shape = this.#shapeOf(workflow)
    if (isLarge(input)) checkSample(shape, input)
    check(shape, input, 'input')
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

/**
 * Refuses a large input of which much is wrong before it is checked as a whole: zod finds all that is wrong, and half a
 * million wrong members of an array would keep the process from everything else for seconds.
 */
function checkSample(shape: z.ZodType, input: unknown): void {
  const sample = new Sample(input)
  const issues = shape.safeParse(sample.value).error?.issues ?? []
  const certain = issues.flatMap((issue) => {
    const path = sample.placeOf(issue.path)
    return path ? [{ ...issue, path: [...path] }] : []
  })
  if (certain.length > 0) throw refusal(certain, 'input')
}
