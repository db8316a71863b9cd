import type { Context } from 'koa'
import type { Logger } from '../../db/logger.ts'
import { Problem } from '../problem.ts'
import { type Action, isWithin, may, type Principal, principalShape, type RunSubject } from './principal.ts'
import { bearerOf, type JwtOptions, Tokens, Unauthorized } from './tokens.ts'

/** Who asks; all else: nobody who is known. */
type Answer = Principal | null | undefined | false

export interface AccessOptions {
  /**
   * Says who asks; null, as all that is falsy, is answered with 401. It judges everything but run tokens, which
   * `jwt.secret` does. Default: `jwt`, and without that too everyone who can reach the server is
   * `{ id: 'web', tenant: 'default', operator: true }`, and only loopback names are answered.
   */
  authenticate?: ((ctx: Context) => Answer | Promise<Answer>) | undefined
  /** Whose tokens are believed. Default: nobody's. */
  jwt?: JwtOptions | undefined
  /**
   * Asked after everything else was checked, which no answer widens. True allows, nothing else does.
   * Without it all is allowed.
   */
  authorize?: ((principal: Principal, action: Action, run: RunSubject) => boolean | Promise<boolean>) | undefined
}

/** How much of a run somebody sees; `public`: all but what takes `run:debug`. */
export type View = 'full' | 'public'

/** A rule that throws for a run throws whenever a list is shown. */
const WARN_AGAIN_MS = 60_000

const WEB: Principal = { id: 'web', tenant: 'default', operator: true }

/** Whether nobody is asked who they are. */
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

  /** 401 for who does not say who they are, or not believably. */
  async identify(ctx: Context): Promise<Principal> {
    if (this.isOpen) return WEB
    const principal = await this.#find(ctx)
    if (principal && !isOver(principal)) return principal
    // Where the application judges, only it knows what a request says of itself.
    const isGuess = principal === null && this.#options.authenticate !== undefined
    throw new Unauthorized('Say who you are: the request has no credentials, or none that are accepted.', isGuess)
  }

  async allows(principal: Principal, action: Action, run: RunSubject): Promise<boolean> {
    if (!may(principal, action) || !isWithin(principal, run)) return false
    const { authorize } = this.#options
    return !authorize || (await authorize(principal, action, run)) === true
  }

  /** Null: it may not be seen. */
  async viewOf(principal: Principal, run: RunSubject): Promise<View | null> {
    if (!(await this.allows(principal, 'run:read', run))) return null
    return (await this.allows(principal, 'run:debug', run)) ? 'full' : 'public'
  }

  /** Of a run among others: where the rule throws, the others go on. Undefined: it did, and may not the next time. */
  async allowsInList(principal: Principal, action: Action, run: RunSubject): Promise<boolean | undefined> {
    try {
      return await this.allows(principal, action, run)
    } catch (error) {
      this.#warn(error, action, run)
      return undefined
    }
  }

  /** The same of what is seen of it. */
  async viewInList(principal: Principal, run: RunSubject): Promise<View | null | undefined> {
    const mayRead = await this.allowsInList(principal, 'run:read', run)
    if (!mayRead) return mayRead === false ? null : undefined
    return (await this.allowsInList(principal, 'run:debug', run)) ? 'full' : 'public'
  }

  /** The view of every run of the tenant; undefined: it depends on the run. */
  viewOfAny(principal: Principal): View | null | undefined {
    if (!may(principal, 'run:read')) return null
    if (this.#options.authorize || principal.only) return undefined
    return may(principal, 'run:debug') ? 'full' : 'public'
  }

  /** 403 for what may not be done. */
  async require(principal: Principal, action: Action, run: RunSubject): Promise<void> {
    if (!(await this.allows(principal, action, run))) throw refused(action)
  }

  /** For lists and statistics: 403 for who may see one run at most. */
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
      return found ? principalShape.parse(found) : null
    }
    return token === null ? null : ((await this.#tokens?.verify(token)) ?? null)
  }
}

function isOver({ expiresAt }: Principal): boolean {
  return expiresAt !== undefined && expiresAt.getTime() <= Date.now()
}

function refused(action: Action): Problem {
  return new Problem(403, { detail: `You may not do ${action} here.` })
}
