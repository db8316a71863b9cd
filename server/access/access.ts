import type { Context } from 'koa'
import type { Logger } from '../../db/logger.ts'
import { Problem } from '../problem.ts'
import { type Action, isWithin, may, type Principal, principalShape, type RunSubject } from './principal.ts'
import { bearerOf, type JwtOptions, Tokens, Unauthorized } from './tokens.ts'

/** The principal who makes the request; anything else: nobody who is known. */
type Answer = Principal | null | undefined | false

export interface AccessOptions {
  /**
   * Returns the principal of a request; null, or anything falsy, is answered with 401. It decides on all credentials
   * except run tokens, which `jwt.secret` verifies. Default: `jwt`. Without either, everyone on this machine is
   * `{ id: 'web', tenant: 'default', operator: true }`, and only requests to loopback names are answered.
   */
  authenticate?: ((ctx: Context) => Answer | Promise<Answer>) | undefined
  /** Whose tokens are accepted. Default: nobody's. */
  jwt?: JwtOptions | undefined
  /**
   * Called after every other check has passed; it can only restrict further. Only `true` allows. Default: everything is
   * allowed.
   */
  authorize?: ((principal: Principal, action: Action, run: RunSubject) => boolean | Promise<boolean>) | undefined
}

/** How much of a run a principal sees; `public`: everything except what needs `run:debug`. */
export type View = 'full' | 'public'

/** An `authorize` that throws for one run throws every time a list with that run is shown. */
const WARN_AGAIN_MS = 60_000

const WEB: Principal = { id: 'web', tenant: 'default', operator: true }

/** Whether there is no authentication. */
export function isOpen({ authenticate, jwt }: AccessOptions): boolean {
  return authenticate === undefined && jwt === undefined
}

export class Access {
  readonly isOpen: boolean
  readonly #options: AccessOptions
  readonly #tokens: Tokens | null
  readonly #logger: Logger
  #warnedAt = Number.NEGATIVE_INFINITY

  constructor(options: AccessOptions, logger: Logger) {
    this.#options = options
    this.#logger = logger
    this.isOpen = isOpen(options)
    this.#tokens = options.jwt ? new Tokens(options.jwt) : null
  }

  /** 401 for a request without credentials, or with credentials that are not accepted. */
  async identify(ctx: Context): Promise<Principal> {
    if (this.isOpen) return WEB
    const principal = await this.#find(ctx)
    if (principal && !isOver(principal)) return principal
    // With `authenticate`, only the application knows whether the request carried credentials.
    const isGuess = principal === null && this.#options.authenticate !== undefined
    throw new Unauthorized('Say who you are: the request has no credentials, or none that are accepted.', isGuess)
  }

  async allows(principal: Principal, action: Action, run: RunSubject): Promise<boolean> {
    if (!may(principal, action) || !isWithin(principal, run)) return false
    const { authorize } = this.#options
    return !authorize || (await authorize(principal, action, run)) === true
  }

  /** null: the principal may not see it. */
  async viewOf(principal: Principal, run: RunSubject): Promise<View | null> {
    if (!(await this.allows(principal, 'run:read', run))) return null
    return (await this.allows(principal, 'run:debug', run)) ? 'full' : 'public'
  }

  /**
   * `allows` for a run in a list: if `authorize` throws, the list's other runs are not affected. Undefined: it threw,
   * and may not throw the next time.
   */
  async allowsInList(principal: Principal, action: Action, run: RunSubject): Promise<boolean | undefined> {
    try {
      return await this.allows(principal, action, run)
    } catch (error) {
      this.#warn(error, action, run)
      return undefined
    }
  }

  /** `viewOf` for a run in a list, in the same way. */
  async viewInList(principal: Principal, run: RunSubject): Promise<View | null | undefined> {
    const mayRead = await this.allowsInList(principal, 'run:read', run)
    if (!mayRead) return mayRead === false ? null : undefined
    return (await this.allowsInList(principal, 'run:debug', run)) ? 'full' : 'public'
  }

  /** The principal's view of every run of the tenant; undefined: it depends on the run. */
  viewOfAny(principal: Principal): View | null | undefined {
    if (!may(principal, 'run:read')) return null
    if (this.#options.authorize || principal.only) return undefined
    return may(principal, 'run:debug') ? 'full' : 'public'
  }

  /** 403 for an action that is not allowed. */
  async require(principal: Principal, action: Action, run: RunSubject): Promise<void> {
    if (!(await this.allows(principal, action, run))) throw refused(action)
  }

  /** For lists and statistics: 403 without the action, or for a principal whose scope is one run or key. */
  requireList(principal: Principal, action: Action): void {
    if (!may(principal, action) || principal.only) throw refused(action)
  }

  #warn(error: unknown, action: Action, { id: run }: RunSubject): void {
    const now = performance.now()
    if (now - this.#warnedAt < WARN_AGAIN_MS) return
    this.#warnedAt = now
    this.#logger.warn({ err: error, action, run }, 'authorize failed for a run of a list, which is hidden meanwhile')
  }

  async #find(ctx: Context): Promise<Principal | null> {
    const { authenticate } = this.#options
    const token = bearerOf(ctx)
    const isOurs = token !== null && this.#tokens?.isRunToken(token)
    if (authenticate && !isOurs) {
      const found = await authenticate(ctx)
      return found ? asPrincipal(found) : null
    }
    return token === null ? null : ((await this.#tokens?.verify(token)) ?? null)
  }
}

/** Throws what the log is to say: that the application, and not the caller, has to change something. */
function asPrincipal(found: Principal): Principal {
  const { data, error } = principalShape.safeParse(found)
  if (data) return data
  const wrong = error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`)
  throw new TypeError(`authenticate returned what is no principal. ${wrong.join('; ')}`)
}

function isOver({ expiresAt }: Principal): boolean {
  return expiresAt !== undefined && expiresAt.getTime() <= Date.now()
}

function refused(action: Action): Problem {
  return new Problem(403, { detail: `You do not have the right ${action} here.` })
}
