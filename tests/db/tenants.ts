import pg from 'pg'
import type { Fixture } from '../support/fixture.ts'
import { useLogin } from '../support/login.ts'

/** What the logins of `useLogins` may act for, and what they may not. */
export const OWN = 'own'
export const OTHER = 'other'
/** What no run has. */
export const NOWHERE = '01900000-0000-7000-8000-000000000000'

/** Runs of one tenant, and the ids that name them. */
export interface Runs {
  /** Driven from outside: step `done` is completed, `now` is running, `next` is pending. */
  running: string
  /** Failed. */
  finished: string
  /** Of workflow `job`, which a worker would drive. */
  pending: string
}

/** The same three runs in a tenant. */
export async function makeRuns(db: Fixture, tenant: string): Promise<Runs> {
  const open = (workflow: string) =>
    db.value<string>('select stepcast.open_run($1, $2, tenant => $3)', [workflow, '["done", "now", "next"]', tenant])
  const running = await open('outside')
  for (const step of ['done', 'now']) await db.rows('select stepcast.begin_step($1, $2)', [running, step])
  await db.rows("select stepcast.begin_step($1, 'now/part')", [running])
  await db.rows("select stepcast.complete_step($1, 'done')", [running])
  await db.rows("select stepcast.log_line($1, 'now', 'info', 'a secret')", [running])
  const finished = await open('ended')
  await db.rows("select stepcast.begin_step($1, 'done')", [finished])
  await db.rows("select stepcast.fail_step($1, 'done', 'broken')", [finished])
  await db.rows(
    `insert into stepcast.estimates (tenant, workflow, parent, step, p50, p95, samples) values ($1, 'outside', '', 'now', 1, 1, 5)`,
    [tenant],
  )
  const pending = await db.value<string>("select stepcast.start_run('job', tenant => $1)", [tenant])
  await db.rows("update stepcast.runs set run_at = now() - interval '1 hour', revision = revision + 1 where id = $1", [
    pending,
  ])
  return { running, finished, pending }
}

export async function registerJob(db: Fixture): Promise<void> {
  await db.rows("select stepcast.register_workflow('job', '1', null, null, '[{\"step\": \"work\"}]', null, '{}')")
}

/** `nobody` has no role of Stepcast; `stranger` reads, and has no tenant. */
export type Who = 'reader' | 'writer' | 'worker' | 'server' | 'owner' | 'stranger' | 'nobody'

/** A connection each, of logins that have `OWN` and the tenants of nobody else. */
export async function useLogins(db: Fixture): Promise<Map<Who, pg.Client>> {
  const roles: [Who, string | null, string[]][] = [
    ['reader', 'stepcast_reader', [OWN]],
    ['writer', 'stepcast_writer', [OWN]],
    ['worker', 'stepcast_worker', [OWN]],
    ['server', 'stepcast_server', []],
    ['owner', 'stepcast_owner', []],
    ['stranger', 'stepcast_reader', []],
    ['nobody', null, [OWN]],
  ]
  const clients = new Map<Who, pg.Client>()
  for (const [who, role, tenants] of roles) {
    const client = new pg.Client((await useLogin(db, role, tenants)).url)
    // It ends with the database.
    client.on('error', () => {})
    await client.connect()
    clients.set(who, client)
  }
  return clients
}

export interface Outcome {
  /** SQLSTATE; null: it went through. */
  code: string | null
  message: string
  hint: string
  rowCount: number
  rows: Record<string, unknown>[]
}

/** What comes of statements in a transaction that is rolled back. The last one counts. */
export async function attempt(client: pg.Client, sql: string, values: unknown[] = [], before = ''): Promise<Outcome> {
  await client.query('begin')
  try {
    if (before) await client.query(before)
    const { rowCount, rows } = await client.query(sql, values)
    return { code: null, message: '', hint: '', rowCount: rowCount ?? 0, rows }
  } catch (error) {
    const { code, message, hint = '' } = error as pg.DatabaseError
    return { code: code ?? '', message, hint, rowCount: 0, rows: [] }
  } finally {
    await client.query('rollback')
  }
}
