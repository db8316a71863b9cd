-- Registers a version of a workflow. A version seen for the first time becomes the current one; an old worker that
-- starts again never reverts that. With `p_take_current` (stepcast register --current) it becomes current in any case.
-- The defaults in its input schema are those that were registered last: they are no part of the version, and a form
-- sends the ones that it shows.
-- Its Graphile task is registered here, because the first add_job for a task name would block all others until it
-- commits.
create or replace function stepcast.register_workflow(
  p_name text,
  p_version text,
  p_display_name text,
  p_display_names jsonb,
  p_steps jsonb,
  p_input_schema jsonb,
  p_options jsonb,
  p_take_current boolean default false
)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  known boolean;
begin
  perform pg_advisory_xact_lock(hashtextextended('stepcast.register:' || p_name, 0));
  known := exists (select from stepcast.workflows where name = p_name and version = p_version);
  update stepcast.workflows
  set input_schema = p_input_schema
  where name = p_name
    and version = p_version
    and input_schema is distinct from p_input_schema;
  if known and not p_take_current then
    return false;
  end if;
  update stepcast.workflows
  set current = false
  where name = p_name
    and current
    and version <> p_version;
  insert into stepcast.workflows (name, version, display_name, display_names, steps, input_schema, options, current)
  values (p_name, p_version, coalesce(nullif(p_display_name, ''), stepcast.title(p_name)), p_display_names, p_steps, p_input_schema, p_options, true)
  on conflict (name, version) do update
  set current = true;
  perform stepcast.register_tasks(array[stepcast.task_name(p_name, p_version)]);
  return not known;
end
$$;
