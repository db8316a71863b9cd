import { z } from 'zod'
import type { Run } from '../../db/contract.ts'

/** `run:debug`: stacks, inputs and outputs of the runs that the principal may read. */
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

/** Who makes a request. */
export interface Principal {
  /** Recorded in the journal as the actor. */
  id: string
  tenant: string
  /** May read what concerns all tenants: `/metrics`. Default false. */
  operator?: boolean | undefined
  /** The actions that are allowed. Default: all. */
  actions?: readonly Action[] | undefined
  /** Limits the principal to these runs. Default: everything of the tenant. */
  only?: Scope | undefined
  /** Streams end at this time, and later requests are answered with 401. Default: never. */
  expiresAt?: Date | undefined
}

/** The name that a principal's requests and streams are counted under; neither part contains a NUL. */
export function nameOf({ tenant, id }: Principal): string {
  return `${tenant}\0${id}`
}

/**
 * What a permission is checked for; `id` and `status` are null for a run that is yet to be started and for a workflow's
 * statistics.
 */
export interface RunSubject {
  id: Run['id'] | null
  workflow: Run['workflow']
  key: Run['key']
  tenant: string
  status: Run['status'] | null
}

/** A NUL from a credential would fail every query that other principals share with it. */
export const nameShape = z.string().regex(/^[^\0]+$/, 'must not be empty, or hold a NUL')

export const scopeShape = z.union([
  z.strictObject({ run: z.guid().toLowerCase() }),
  z.strictObject({ workflow: nameShape, key: nameShape }),
])

/** What `authenticate` may return. */
export const principalShape = z.object({
  id: nameShape,
  tenant: nameShape,
  operator: z.boolean().optional(),
  actions: z.array(z.enum(ACTIONS)).optional(),
  only: scopeShape.optional(),
  expiresAt: z.date().optional(),
})

/** Whether the principal may do this to at least some runs. */
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
