-- Tells Graphile's workers that so many jobs were added, as its own add_jobs does; a number by chance
-- keeps two of them apart.
create or replace function stepcast.announce_jobs(p_count bigint)
returns void
language sql
security definer
set search_path = pg_catalog, graphile_worker, pg_temp
as $$
  select pg_notify('jobs:insert', json_build_object('r', random(), 'count', p_count)::text)
$$;
