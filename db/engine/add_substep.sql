-- Adds a sub-step that the workflow did not declare, as pending, after its siblings.
create or replace function stepcast.add_substep(p_run stepcast.runs, p_parent stepcast.steps, p_step text)
returns stepcast.steps
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  added stepcast.steps;
begin
  if coalesce(p_step, '') = '' or length(p_step) > 200 then
    perform stepcast.fail_with('SC006', format('the name of a sub-step must have 1 to 200 characters, not %s', coalesce(length(p_step), 0)),
      format('Give the sub-step of %s a shorter name.', p_parent.step));
  end if;
  insert into stepcast.steps (run_id, tenant, parent_id, step, display_name, sequence, declared, stuck_after, revision)
  values (
    p_run.id,
    p_run.tenant,
    p_parent.id,
    p_step,
    stepcast.title(p_step),
    1 + coalesce((select max(s.sequence) from stepcast.steps s where s.parent_id = p_parent.id), 0),
    false,
    -- Its step's: the sub-step's own reports are signs of life of that step, and are written as often as that one
    -- needs.
    p_parent.stuck_after,
    p_run.revision
  )
  returning * into added;
  return added;
end
$$;
