import type { Pool } from 'pg'
import { call } from './call.ts'
import type { Db } from './client.ts'

/*
 * The queries of `stepcast doctor`. They use only catalogs and views, so they work with any version of the schema, and
 * as any role: what a role may not see is an error of class 42.
 */

export interface ServerFacts {
  /** As `server_version_num`: 180004. */
  version: number
  database: string
  role: string
  /** Milliseconds since 1970 by the database's clock. */
  now: number
  isReplica: boolean
  /** Whether it accepts no writes, because it is a replica or because of its settings. */
  isReadOnly: boolean
  /** How full the queue of notifications is, from 0 to 1. */
  notifyQueue: number
  /** Age in milliseconds of the oldest open transaction in this database, except our own; null: none. */
  oldestTransactionMs: number | null
  /** Sessions whose commit waits for a synchronous standby. */
  waitingCommits: number
  /** For how long, in milliseconds, the first of them has waited; null: none waits. */
  oldestCommitMs: number | null
  identity: string
}

/** The same for all connections to one database of one running Postgres, and for no other. */
const IDENTITY = "concat_ws(' ', extract(epoch from pg_postmaster_start_time()), current_database())"

export async function readServer(db: Db): Promise<ServerFacts> {
  return one(
    db,
    `select
       current_setting('server_version_num')::int as version,
       current_database() as database,
       current_user as role,
       (extract(epoch from clock_timestamp()) * 1000)::float8 as now,
       pg_is_in_recovery() as "isReplica",
       current_setting('transaction_read_only')::boolean as "isReadOnly",
       case when pg_is_in_recovery() then 0 else pg_notification_queue_usage() end as "notifyQueue",
       (
         select (extract(epoch from clock_timestamp() - min(a.xact_start)) * 1000)::float8
         from pg_stat_activity a
         where a.datname = current_database()
           and a.backend_type = 'client backend'
           and a.pid <> pg_backend_pid()
       ) as "oldestTransactionMs",
       waiting.commits as "waitingCommits",
       (extract(epoch from clock_timestamp() - waiting.since) * 1000)::float8 as "oldestCommitMs",
       ${IDENTITY} as identity
     from (
       select count(*)::int as commits, min(a.query_start) as since
       from pg_stat_activity a
       where a.wait_event = 'SyncRep'
     ) waiting`,
  )
}

/** What a full disk leaves no room for: a megabyte where the database's tables are. */
const MEGABYTE = `
  create temp table stepcast_room
  on commit drop
  as select repeat('x', 1024) as filling from generate_series(1, 1024)`

/** Writes a megabyte and takes it back. Rejects if there is no room for it. */
export async function tryToWrite(pool: Pool): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query("set local temp_tablespaces = ''")
    await client.query(MEGABYTE)
  } finally {
    const lost = await client.query('rollback').then(
      () => false,
      () => true,
    )
    client.release(lost)
  }
}

export interface ConnectionFacts {
  inUse: number
  /** How many there may be, without those that are reserved for administrators. */
  most: number
  /** Whose limit that is: `by role shop_worker`, `in database shop`; null: the server's. */
  of: string | null
}

/** The limit of connections that is nearest. Those of a role and a database do not hold for a superuser. */
export async function readConnections(db: Db): Promise<ConnectionFacts> {
  return one(
    db,
    `select "inUse", most, "of"
     from (
       select
         sum(s.numbackends)::int,
         current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
           - coalesce(current_setting('reserved_connections', true)::int, 0),
         null
       from pg_stat_database s
       union all
       select s.numbackends, d.datconnlimit, 'in database ' || d.datname
       from pg_database d
       join pg_stat_database s on s.datid = d.oid
       where d.datname = current_database()
         and current_setting('is_superuser') = 'off'
       union all
       select (select count(*)::int from pg_stat_activity a where a.usename = r.rolname), r.rolconnlimit, 'by role ' || r.rolname
       from pg_roles r
       where r.rolname = session_user
         and not r.rolsuper
     ) limits ("inUse", most, "of")
     where most >= 0
     order by "inUse"::float8 / greatest(most, 1) desc
     limit 1`,
  )
}

/** What the session's role may do, judged by one function of each kind. False if there is no such function. */
export interface Powers {
  work: boolean
  serve: boolean
}

export async function readPowers(db: Db): Promise<Powers> {
  return one(
    db,
    `select
       coalesce(bool_or(has_function_privilege(p.oid, 'execute')) filter (where p.proname = 'begin_substep'), false) as work,
       coalesce(bool_or(has_function_privilege(p.oid, 'execute')) filter (where p.proname = 'read_changes'), false) as serve
     from pg_proc p
     where p.pronamespace = (select n.oid from pg_namespace n where n.nspname = 'stepcast')`,
  )
}

export interface Workforce {
  alive: number
  /** Current workflows that no live worker takes. */
  unserved: string[]
}

export async function readWorkforce(db: Db): Promise<Workforce> {
  return one(
    db,
    `select
       (select count(*)::int from stepcast.live_workers()) as alive,
       array(
         select w.name
         from stepcast.workflows w
         where w.current
           and not exists (
             select
             from stepcast.live_workers() alive
             where stepcast.task_name(w.name, w.version) = any (alive.serves)
           )
         order by w.name
       ) as unserved`,
  )
}

/** Stuck runs by reason, the most frequent first. */
export async function readStuck(db: Db): Promise<{ why: string; runs: number; example: string }[]> {
  return call(
    db,
    `select why, count(distinct id)::int as runs, min(id::text) as example
     from stepcast.stuck_runs
     group by why
     order by runs desc, why`,
    [],
  )
}

export interface ReplicaFacts {
  isReplica: boolean
  /**
   * How far behind it is; 0 when it has applied everything it was sent, null if that is unknown. While nothing is sent to
   * it, the age of the last transaction that it has.
   */
  lagMs: number | null
  identity: string
}

export async function readReplica(db: Db): Promise<ReplicaFacts> {
  return one(
    db,
    `select
       pg_is_in_recovery() as "isReplica",
       case
         when not pg_is_in_recovery() then 0
         when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() and exists (select from pg_stat_wal_receiver) then 0
         else (extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000)::float8
       end as "lagMs",
       ${IDENTITY} as identity`,
  )
}

async function one<Row extends object>(db: Db, text: string): Promise<Row> {
  const [row] = await call<Row>(db, text, [])
  return row as Row
}
