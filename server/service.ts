import type { RouterContext } from '@koa/router'
import type { Registry } from '@prometheus-io/client'
import type { DefaultContext } from 'koa'
import type { Db } from '../db/client.ts'
import type { Logger } from '../db/logger.ts'
import type { Starter } from '../db/starter.ts'
import type { Access } from './access/access.ts'
import type { Principal } from './access/principal.ts'
import type { Cursors } from './cursors.ts'
import type { Hub } from './hub/hub.ts'
import type { Caps } from './limits/caps.ts'
import type { Rates } from './limits/rates.ts'
import type { Turns } from './limits/turns.ts'
import type { Lookups } from './lookups.ts'
import type { Origins } from './origins.ts'

/** What every route uses. */
export interface Service {
  db: Db
  /** A replica, if there is one: for lists, which may lag a little. */
  readDb: Db
  starter: Starter
  hub: Hub
  lookups: Lookups
  caps: Caps
  /** Turns at the connections of lists and statistics, and at all others. */
  turns: { lists: Turns; others: Turns }
  access: Access
  cursors: Cursors
  origins: Origins
  rates: Rates
  logger: Logger
  /** The folder of the built page and elements. */
  assets: string
  metrics: Registry
  /** True once the server is being stopped: it accepts nothing new. */
  isStopping: () => boolean
}

/** What a request carries once its caller is identified. */
export interface State {
  principal: Principal
}

export type Ctx = RouterContext<State, DefaultContext>
