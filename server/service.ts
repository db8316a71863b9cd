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

/** What every route works with. */
export interface Service {
  db: Db
  /** A replica where there is one: for lists, which may be a moment behind. */
  readDb: Db
  starter: Starter
  hub: Hub
  lookups: Lookups
  caps: Caps
  /** At the connections of lists and statistics, and at all others. */
  turns: { lists: Turns; others: Turns }
  access: Access
  cursors: Cursors
  origins: Origins
  rates: Rates
  logger: Logger
  /** The folder of the built page and elements. */
  assets: string
  metrics: Registry
  /** True once it is being stopped: it takes nothing new. */
  isStopping: () => boolean
}

/** What a request carries once it is known who asks. */
export interface State {
  principal: Principal
}

export type Ctx = RouterContext<State, DefaultContext>
