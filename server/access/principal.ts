import { z } from 'zod'
import type { Run } from '../../db/contract.ts'

/** `run:debug`: stacks, inputs and outputs, of runs that one may read. */
export const ACTIONS = [
  'run:read',
  'run:debug',
  'run:start',
  'run:cancel',
  'run:retry',
  'run:delete',
  'stats:read',
] as const

export type Action = (typeof ACTIONS)[number]

/** One run, or every run under one key. */
export type Scope = { run: Run['id'] } | { workflow: Run['workflow']; key: string }

/** Who asks. */
export interface Principal {
  /** Goes into the journal as the actor. */
  id: string
  tenant: string
  /** May read what is about all tenants: `/metrics`. Default false. */
  operator?: boolean | undefined
  /** What may be done at all. Default: everything. */
  actions?: readonly Action[] | undefined
  /** All that may be seen or touched. Default: everything of the tenant. */
  only?: Scope | undefined
  /** Streams end then, and what is asked later is answered with 401. Default: never. */
  expiresAt?: Date | undefined
}

/** Whose something is that is counted; neither part holds a NUL. */
export function nameOf({ tenant, id }: Principal): string {
  return `${tenant}\0${id}`
}

/**
 * What is asked about; `id` and `status` are null for a run that is yet to be started, and for a workflow's statistics.
 */
export interface RunSubject {
  id: Run['id'] | null
  workflow: Run['workflow']
  key: Run['key']
  tenant: string
  status: Run['status'] | null
}

/** A NUL that a credential brought in would fail every query that others share with it. */
export const nameShape = z.string().regex(/^[^\0]+$/, 'must not be empty, or hold a NUL')

export const scopeShape = z.union([
  z.strictObject({ run: z.guid().toLowerCase() }),
  z.strictObject({ workflow: nameShape, key: nameShape }),
])

/** What `authenticate` may answer. */
export const principalShape = z.object({
  id: nameShape,
  tenant: nameShape,
  operator: z.boolean().optional(),
  actions: z.array(z.enum(ACTIONS)).optional(),
  only: scopeShape.optional(),
  expiresAt: z.date().optional(),
})

/** Whether the principal may do such a thing to some run at least. */
export function may({ actions }: Principal, action: Action): boolean {
  return actions?.includes(action) ?? true
}

export function isWithin({ only }: Principal, { id, workflow, key }: RunSubject): boolean {
  if (!only) return true
  return 'run' in only ? only.run === id : only.workflow === workflow && only.key === key
}

export function subjectOf(run: Omit<RunSubject, 'tenant'>, { tenant }: Principal): RunSubject {
  const { id, workflow, key, status } = run
  return { id, workflow, key, tenant, status }
}
