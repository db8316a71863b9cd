-- How many runs a purge would delete if it found none of them held.
create or replace function stepcast.count_purgeable(p_older_than interval, p_workflow text)
returns bigint
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select count(*)
  from stepcast.runs r
  where r.completed_at < now() - least(p_older_than, interval '5000 years')
    and (p_workflow is null or r.workflow = p_workflow)
    and not r.on_end_pending
$$;
