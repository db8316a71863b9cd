-- Locks a step of a held run by its name, or a sub-step by 'parent/sub-step', for a change with the run's revision.
-- SC003: no such step.
create or replace function stepcast.hold_step(p_run stepcast.runs, p_step text)
returns stepcast.steps
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  step stepcast.steps;
begin
  select * into step
  from stepcast.steps s
  where s.id = stepcast.find_step(p_run.id, p_step)
  for no key update;
  if not found then
    perform stepcast.fail_without_step(p_run.id, p_step);
  end if;
  return step;
end
$$;
