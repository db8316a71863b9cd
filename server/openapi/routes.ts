import { pageHeaders } from '../assets.ts'
import type { Ctx } from '../service.ts'
import { writePage } from './docs-page.ts'
import { type Json, makeDocument } from './document.ts'

let made: Json | undefined

/** `GET /openapi.json`: the same for everyone, since it reveals nothing of the database's contents. */
export async function openapi(ctx: Ctx): Promise<void> {
  made ??= makeDocument()
  const mount = ctx.originalUrl.replace(/\?.*$/, '').replace(/\/openapi\.json\/?$/, '')
  ctx.set({ 'Cache-Control': 'no-cache', 'Access-Control-Allow-Origin': '*' })
  ctx.body = { ...made, servers: [{ url: mount || '/' }] }
}

/** `GET /docs` */
export async function docs(ctx: Ctx): Promise<void> {
  made ??= makeDocument()
  ctx.set({ 'Cache-Control': 'no-cache', ...pageHeaders() })
  ctx.type = 'html'
  ctx.body = writePage(made)
}
