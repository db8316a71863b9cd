-- Those of a run's steps that have ended well, by name: a completed one with its output, a skipped one without. As rows,
-- because the outputs of a large run together are more than one value can hold.
create or replace function stepcast.results_of(p_run uuid, p_steps text[])
returns table (step text, status text, output jsonb)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select step, status, output
  from stepcast.steps
  where run_id = p_run
    and parent_id is null
    and step = any (p_steps)
    and status in ('completed', 'skipped')
$$;
