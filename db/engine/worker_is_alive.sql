-- A live worker holds its advisory lock (a killed process loses it with its session) and beats (a stopped one, or a
-- vanished host, does not). It beats every half second; 15 seconds of silence are death.
create or replace function stepcast.worker_is_alive(p_worker integer)
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select
    from stepcast.workers w
    join pg_locks l
      on l.locktype = 'advisory'
      and l.database = (select d.oid from pg_database d where d.datname = current_database())
      and l.classid = stepcast.worker_lock_class()::oid
      and l.objid = w.id::oid
      and l.granted
    where w.id = p_worker
      and w.beat_at > clock_timestamp() - interval '15 seconds'
  )
$$;
