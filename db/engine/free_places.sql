-- How many more runs of a slot may run.
create or replace function stepcast.free_places(p_slot text, p_limit integer)
returns integer
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select p_limit - count(*)::integer
  from stepcast.runs
  where concurrency_slot = p_slot
    and admission = 'admitted'
    and status in ('pending', 'running')
$$;
