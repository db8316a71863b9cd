import { pageHeaders } from '../assets.ts'
import type { Ctx } from '../service.ts'
import { writePage } from './docs-page.ts'
import { type Json, makeDocument } from './document.ts'

let made: Json | undefined

/** `GET /openapi.json`: the same for everyone, since it reveals nothing of the database's contents. */
export async function openapi(ctx: Ctx): Promise<void> {
  made ??= makeDocument()
  ctx.set({ 'Cache-Control': 'no-cache', 'Access-Control-Allow-Origin': '*' })
  // Relative to the document's own URL, of which a proxy in front may have taken away the beginning.
  ctx.body = { ...made, servers: [{ url: '.' }] }
}

/** `GET /docs` */
export async function docs(ctx: Ctx): Promise<void> {
  made ??= makeDocument()
  ctx.set({ 'Cache-Control': 'no-cache', ...pageHeaders() })
  ctx.type = 'html'
  ctx.body = writePage(made)
}
