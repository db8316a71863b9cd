-- Locks a step of a run that is already held. SC003: no such step.
create or replace function stepcast.hold_step_by_id(p_run uuid, p_step bigint)
returns stepcast.steps
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  step stepcast.steps;
begin
  select * into step
  from stepcast.steps
  where id = p_step
    -- In a form that no index matches: on a young table, Postgres may otherwise look through the whole run instead of
    -- using the id.
    and (run_id = p_run) is true
  for no key update;
  if not found then
    perform stepcast.fail_with('SC003', format('run %s has no step with id %s', p_run, p_step), 'It may have been deleted with its run.');
  end if;
  return step;
end
$$;
