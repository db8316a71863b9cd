import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Db } from '../db/client.ts'
import { readCursorKey } from '../db/runs.ts'
import { invalid } from './problem.ts'

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16
const ID_BYTES = 16
/** Length in base64url: longer than the id of a run. */
export const SEALED_LENGTH = Math.ceil((4 / 3) * (NONCE_BYTES + TAG_BYTES + ID_BYTES))

/**
 * Where a page ended, for its `next`: the id of a run, encrypted if the caller may not see that run. In the clear it
 * would reveal that the run exists, and when it was started.
 */
export class Cursors {
  readonly #db: Db
  #key: Promise<Buffer> | null = null

  /** What one server has sealed, every server of the same database can open. */
  constructor(db: Db) {
    this.#db = db
  }

  async seal(run: string, tenant: string): Promise<string> {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(CIPHER, await this.#readKey(), nonce, { authTagLength: TAG_BYTES })
    cipher.setAAD(Buffer.from(tenant))
    const sealed = [cipher.update(run.replaceAll('-', ''), 'hex'), cipher.final()]
    return Buffer.concat([nonce, cipher.getAuthTag(), ...sealed]).toString('base64url')
  }

  /** The id of the run. 422 for a cursor that no server has sealed for this tenant. */
  async open(cursor: string, tenant: string): Promise<string> {
    if (cursor.length !== SEALED_LENGTH) return cursor
    const key = await this.#readKey()
    try {
      return unseal(Buffer.from(cursor, 'base64url'), key, tenant)
    } catch {
      throw invalid([{ path: 'after', message: 'is the next of no page: begin with the first page again' }])
    }
  }

  #readKey(): Promise<Buffer> {
    this.#key ??= readCursorKey(this.#db).catch((error) => {
      this.#key = null
      throw error
    })
    return this.#key
  }
}

function unseal(bytes: Buffer, key: Buffer, tenant: string): string {
  const [nonce, rest] = [bytes.subarray(0, NONCE_BYTES), bytes.subarray(NONCE_BYTES)]
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(tenant)).setAuthTag(rest.subarray(0, TAG_BYTES))
  return Buffer.concat([decipher.update(rest.subarray(TAG_BYTES)), decipher.final()]).toString('hex')
}
