-- Names the Graphile pool by which a worker's jobs are locked, so that they are found when it is dead.
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
