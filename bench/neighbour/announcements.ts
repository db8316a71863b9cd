import type { Client } from 'pg'
import { CHANNEL } from '../../db/changes.ts'

/** Switches everything that announces in a database of ours off and on again, and verifies it. */
export class Announcements {
  readonly #client: Client
  /** The definition of the function that announces, and of a replacement that does not. */
  readonly #announce: { loud: string; silent: string }
  #heard = 0

  private constructor(client: Client, announce: { loud: string; silent: string }) {
    this.#client = client
    this.#announce = announce
    client.on('notification', () => {
      this.#heard += 1
    })
  }

  static async of(client: Client): Promise<Announcements> {
    const { rows } = await client.query<{ loud: string; parameters: string }>(
      `select pg_get_functiondef(oid) as loud, pg_get_function_arguments(oid) as parameters
       from pg_proc
       where oid = 'stepcast.announce'::regproc`,
    )
    const { loud, parameters } = rows[0] ?? { loud: '', parameters: '' }
    return new Announcements(client, { loud, silent: silentWith(parameters) })
  }

  /** Switches the triggers that announce with a write, and the function that announces after it. */
  async switch(on: boolean): Promise<void> {
    for (const operation of ['inserted', 'updated', 'deleted']) {
      await this.#client.query(
        `alter table stepcast.runs ${on ? 'enable' : 'disable'} trigger announce_${operation}_runs`,
      )
    }
    await this.#client.query(on ? this.#announce.loud : this.#announce.silent)
  }

  /** Throws if something is announced although it is switched off, or nothing although it is on. */
  async check(on: boolean, ms: number): Promise<void> {
    await this.#client.query(`listen ${CHANNEL}`)
    this.#heard = 0
    await this.#client.query('select pg_sleep($1)', [ms / 1_000])
    await this.#client.query(`unlisten ${CHANNEL}`)
    if (on !== this.#heard > 0) throw new Error(`${this.#heard} announcements though they are ${on ? 'on' : 'off'}`)
  }
}

const silentWith = (parameters: string) => `
  create or replace function stepcast.announce(${parameters})
  returns void
  language sql
  begin atomic
    select null::void;
  end`
