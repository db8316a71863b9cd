-- SC003 for a step that a run does not have, listing those that it has.
create or replace function stepcast.fail_without_step(p_run uuid, p_step text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform stepcast.fail_with('SC003', format('run %s has no step %s', p_run, coalesce(p_step, 'null')), format('Its steps are: %s.',
    (select string_agg(s.step, ', ' order by s.sequence) from stepcast.steps s where s.run_id = p_run and s.parent_id is null)));
end
$$;
