import { z } from 'zod'
import type { WorkflowInfo } from '../db/contract.ts'
import type { Logger } from '../db/logger.ts'
import type { Access } from './access.ts'
import { check } from './body.ts'
import type { Principal } from './principal.ts'
import { invalid, type Problem } from './problem.ts'

const ANYTHING = z.unknown()

/** The workflows, of all that there are, that the caller may start whatever the key. */
export async function startable(
  access: Access,
  principal: Principal,
  workflows: WorkflowInfo[],
): Promise<WorkflowInfo[]> {
  const { tenant } = principal
  const may = await Promise.all(
    workflows.map(({ name: workflow }) =>
      access.allows(principal, 'run:start', { id: null, workflow, key: null, tenant, status: null }),
    ),
  )
  return workflows.filter((_, index) => may[index])
}

/** 422 that names what the caller may start instead, and nothing that a rule hides. */
export async function noSuchWorkflow(
  access: Access,
  principal: Principal,
  workflows: WorkflowInfo[],
  name: string,
): Promise<Problem> {
  const known = (await startable(access, principal, workflows)).map((workflow) => workflow.name).join(', ')
  const rest = workflows.length === 0 ? '; none is registered: start a worker, or run stepcast register' : ''
  const message = `there is no workflow “${name}”${known ? `; registered are: ${known}` : rest}`
  return invalid([{ path: 'workflow', message }])
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
