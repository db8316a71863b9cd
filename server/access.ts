import type { Context } from 'koa'
import { z } from 'zod'
import type { Run } from '../db/contract.ts'
import { noSuchRun, Problem } from './problem.ts'

/** Who asks. */
export interface Principal {
  /** Goes into the journal as the actor. */
  id: string
  tenant: string
  /** May read what is about all tenants: `/metrics`. Default false. */
  operator?: boolean | undefined
}

export type Action = 'run:read' | 'run:start' | 'run:cancel' | 'run:retry' | 'run:delete' | 'stats:read'

/** What is asked about; `id` and `status` are null for a run that is yet to be started, and for a workflow's statistics. */
export interface RunSubject {
  id: Run['id'] | null
  workflow: Run['workflow']
  key: Run['key']
  tenant: string
  status: Run['status'] | null
}

export interface AccessOptions {
  /**
   * Says who asks; null is answered with 401. Default: everyone who can reach the server is
   * `{ id: 'web', tenant: 'default', operator: true }`, and only loopback names are answered.
   */
  authenticate?: (ctx: Context) => Principal | null | Promise<Principal | null>
  /** Asked after the tenant was checked, which no answer widens. Default: every action on the tenant's own runs. */
  authorize?: (principal: Principal, action: Action, run: RunSubject) => boolean | Promise<boolean>
}

const WEB: Principal = { id: 'web', tenant: 'default', operator: true }
/** A NUL that a credential brought in would fail every query that others share with it. */
const name = z.string().regex(/^[^\0]+$/, 'must not be empty, or hold a NUL')
const shape = z.object({ id: name, tenant: name, operator: z.boolean().optional() })

export class Access {
  readonly isOpen: boolean
  /** False: the tenant alone decides, so that knowing a run to be the tenant's is enough. */
  readonly asksEach: boolean
  readonly #options: AccessOptions

  constructor(options: AccessOptions) {
    this.#options = options
    this.isOpen = options.authenticate === undefined
    this.asksEach = options.authorize !== undefined
  }

  async identify(ctx: Context): Promise<Principal> {
    const { authenticate } = this.#options
    if (!authenticate) return WEB
    const principal = await authenticate(ctx)
    if (principal) return shape.parse(principal)
    const detail = 'Say who you are: the request has no credentials, or none that are accepted.'
    throw new Problem(401, { detail }, { 'WWW-Authenticate': 'Bearer realm="stepcast"' })
  }

  async allows(principal: Principal, action: Action, run: RunSubject): Promise<boolean> {
    return (await this.#options.authorize?.(principal, action, run)) ?? true
  }

  /** 404 for a run that may not be seen: it answers exactly as what does not exist. 403 for one that may. */
  async require(principal: Principal, action: Action, run: RunSubject): Promise<void> {
    if (run.id !== null && !(await this.allows(principal, 'run:read', run))) throw noSuchRun()
    if (action === 'run:read' || (await this.allows(principal, action, run))) return
    throw new Problem(403, { detail: `You may not do ${action} here.` })
  }
}

export function subjectOf(run: Omit<RunSubject, 'tenant'>, { tenant }: Principal): RunSubject {
  const { id, workflow, key, status } = run
  return { id, workflow, key, tenant, status }
}
