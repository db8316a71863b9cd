-- Whether a worker is alive; see live_workers.
create or replace function stepcast.worker_is_alive(p_worker integer)
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select exists (select from stepcast.live_workers() alive where alive.id = p_worker)
$$;
