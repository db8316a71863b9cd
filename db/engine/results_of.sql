-- The outputs of a run's completed steps, by name.
create or replace function stepcast.results_of(p_run uuid)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_object_agg(step, output), '{}')
  from stepcast.steps
  where run_id = p_run
    and parent_id is null
    and status = 'completed'
$$;
