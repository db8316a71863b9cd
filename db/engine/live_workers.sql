-- The workers that are alive: each holds its advisory lock (a killed process loses it with its session) and beats (a
-- stopped process, or one on a vanished host, does not). A worker's beats are written every two seconds; when the last
-- one was written 15 seconds ago, it is dead. On a standby, which does not have the primary's locks, only the beat decides.
create or replace function stepcast.live_workers()
returns setof stepcast.workers
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select w.*
  from stepcast.workers w
  where w.beat_at > clock_timestamp() - interval '15 seconds'
    and (pg_is_in_recovery() or w.id::oid in (
      select l.objid
      from pg_locks l
      where l.locktype = 'advisory'
        and l.database = (select d.oid from pg_database d where d.datname = current_database())
        and l.classid = stepcast.worker_lock_class()::oid
        and l.granted
    ))
$$;
