import { readFile } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'

const ROOT = join(import.meta.dirname, '..', 'public')
const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Sends a file of `public/`. Answers false when there is none: the path may come from anyone. */
export async function sendFile(pathname, response) {
  const path = join(ROOT, pathname.endsWith('/') ? `${pathname}index.html` : pathname)
  const type = TYPES[extname(path)]
  if (!type || !path.startsWith(ROOT + sep)) return false
  const body = await readFile(path).catch(() => undefined)
  if (body) response.writeHead(200, { 'Content-Type': type }).end(body)
  return body !== undefined
}
