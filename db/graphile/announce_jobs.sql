-- Notifies Graphile's workers that `p_count` jobs were added, as its own add_jobs does. The random number keeps two
-- such notifications distinct. Without it, as where the queue is full, they find the jobs within a second.
create or replace function stepcast.announce_jobs(p_count bigint)
returns void
language sql
security definer
set search_path = pg_catalog, graphile_worker, pg_temp
as $$
  select pg_notify('jobs:insert', json_build_object('r', random(), 'count', p_count)::text)
  where stepcast.may_announce()
$$;
