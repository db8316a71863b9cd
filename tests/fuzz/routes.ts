import Router from '@koa/router'
import { addRoutes } from '../../server/routes.ts'
import type { Service, State } from '../../server/service.ts'

export interface Route {
  method: string
  /** As the router has it: `/runs/:id/logs`. */
  path: string
}

/** Every route there is, from the router's own list: a new one cannot be forgotten. */
export function listRoutes(): Route[] {
  const router = new Router<State>()
  // Nothing is asked of it before there is a request.
  addRoutes(router, {} as Service)
  return router.stack.flatMap(({ path, methods }) => methods.map((method) => ({ method, path: String(path) })))
}
