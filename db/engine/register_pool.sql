-- Records the Graphile pool that locks a worker's jobs, so that they are found when the worker is dead.
create or replace function stepcast.register_pool(p_worker integer, p_pool text)
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  update stepcast.workers
  set graphile_pool = p_pool
  where id = p_worker
$$;
