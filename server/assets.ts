import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { Problem } from './problem.ts'
import type { Ctx } from './service.ts'

interface Asset {
  bytes: Buffer
  etag: string
  changedMs: number
}

// Nothing inline and nothing from other origins: the page has no script except the elements.
const PAGE_POLICY = "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'self'"

/** The file with the names of the chunks that the build has made. */
const CHUNKS = 'chunks.json'

/** The built page and elements, read once until they are built again. */
export class Assets {
  readonly #folder: string
  readonly #kept = new Map<string, Asset>()

  constructor(folder: string) {
    this.#folder = folder
  }

  /**
   * Answers with a file of the folder, or 304, or 503 if nothing was built. Its name never comes from the request.
   */
  async serve(ctx: Ctx, name: string): Promise<void> {
    await this.#answer(ctx, name, 'no-cache')
  }

  /** A chunk of the last build: it is named by its content, so a browser may cache it for ever. */
  async serveChunk(ctx: Ctx): Promise<void> {
    const { bytes } = await this.#read(CHUNKS)
    const chunks: string[] = JSON.parse(bytes.toString())
    const chunk = chunks.find((name) => name === ctx.params.chunk)
    if (chunk === undefined)
      throw new Problem(404, { detail: 'There is no such file, or it belongs to another version.' })
    await this.#answer(ctx, join('chunks', chunk), 'public, max-age=31536000, immutable')
  }

  async #answer(ctx: Ctx, name: string, caching: string): Promise<void> {
    const { bytes, etag } = await this.#read(name)
    ctx.status = 200
    ctx.set({ ETag: etag, 'Cache-Control': caching })
    ctx.set(extname(name) === '.html' ? pageHeaders() : elementHeaders())
    ctx.type = extname(name)
    if (ctx.fresh) ctx.status = 304
    else ctx.body = bytes
  }

  async #read(name: string): Promise<Asset> {
    const path = join(this.#folder, name)
    const { mtimeMs } = await stat(path).catch((cause) => refuse(name, cause))
    const known = this.#kept.get(name)
    if (known?.changedMs === mtimeMs) return known
    const bytes = await readFile(path).catch((cause) => refuse(name, cause))
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
    const asset = { bytes, etag, changedMs: mtimeMs }
    this.#kept.set(name, asset)
    return asset
  }
}

/** The headers of every page. */
export function pageHeaders(): Record<string, string> {
  return {
    'Content-Security-Policy': PAGE_POLICY,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Referrer-Policy': 'same-origin',
  }
}

/** Any page may load the elements: a module script of another origin needs these headers, and it holds no secret. */
function elementHeaders(): Record<string, string> {
  return { 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' }
}

function refuse(name: string, cause: NodeJS.ErrnoException): never {
  if (cause.code !== 'ENOENT' && cause.code !== 'ENOTDIR') throw cause
  throw new Problem(503, { detail: `${name} was not built. Run: npm run build` }, { 'Retry-After': '10' })
}
