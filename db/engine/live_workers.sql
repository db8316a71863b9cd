-- The workers that live: each holds its advisory lock (a killed process loses it with its session) and beats (a stopped
-- one, or a vanished host, does not). It beats every half second; 15 seconds of silence are death. On a standby, which has
-- no locks of the primary, the beat alone says it.
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
