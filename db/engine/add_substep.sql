-- Adds a sub-step that the workflow did not declare, as pending, after its siblings.
create or replace function stepcast.add_substep(p_run stepcast.runs, p_parent stepcast.steps, p_step text)
returns stepcast.steps
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  insert into stepcast.steps (run_id, tenant, parent_id, step, display_name, sequence, declared, revision)
  select
    p_run.id,
    p_run.tenant,
    p_parent.id,
    p_step,
    stepcast.title(p_step),
    1 + coalesce(max(s.sequence), 0),
    false,
    p_run.revision
  from stepcast.steps s
  where s.parent_id = p_parent.id
  returning *
$$;
