import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { invalid } from './problem.ts'

const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const ID_BYTES = 16
/** In base64url: longer than the id of a run. */
export const SEALED_LENGTH = Math.ceil((4 / 3) * (NONCE_BYTES + TAG_BYTES + ID_BYTES))

/**
 * Where a page ended, as its `next` says: the id of a run, sealed where that may not be seen. In the clear it would
 * tell that there is such a run, and when it was started.
 */
export class Cursors {
  readonly #key: Uint8Array

  /** Without a secret only this process, until it ends, can open what it has sealed. */
  constructor(secret: string | undefined) {
    this.#key = new Uint8Array(hkdfSync('sha256', secret ?? randomBytes(KEY_BYTES), '', 'stepcast cursors', KEY_BYTES))
  }

  seal(run: string, tenant: string): string {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(CIPHER, this.#key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(tenant))
    const sealed = [cipher.update(run.replaceAll('-', ''), 'hex'), cipher.final()]
    return Buffer.concat([nonce, cipher.getAuthTag(), ...sealed]).toString('base64url')
  }

  /** The id of the run. 422 for what no server with this secret has sealed for this tenant. */
  open(cursor: string, tenant: string): string {
    if (cursor.length !== SEALED_LENGTH) return cursor
    try {
      return this.#unseal(Buffer.from(cursor, 'base64url'), tenant)
    } catch {
      const message = 'is the next of no page that this server knows of: begin with the first page again'
      throw invalid([{ path: 'after', message }])
    }
  }

  #unseal(bytes: Buffer, tenant: string): string {
    const [nonce, rest] = [bytes.subarray(0, NONCE_BYTES), bytes.subarray(NONCE_BYTES)]
    const decipher = createDecipheriv(CIPHER, this.#key, nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(Buffer.from(tenant)).setAuthTag(rest.subarray(0, TAG_BYTES))
    return Buffer.concat([decipher.update(rest.subarray(TAG_BYTES)), decipher.final()]).toString('hex')
  }
}
