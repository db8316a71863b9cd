-- What can be started: the current version of each workflow, as type WorkflowInfo in contract.ts.
create or replace function stepcast.list_workflows()
returns setof json
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select json_build_object(
    'name', w.name,
    'version', w.version,
    'displayName', w.display_name,
    'displayNames', w.display_names,
    'steps', (
      select coalesce(json_agg(json_build_object(
        'step', s ->> 'step',
        'displayName', coalesce(s ->> 'displayName', stepcast.title(s ->> 'step')),
        'displayNames', s -> 'displayNames',
        'weight', coalesce((s ->> 'weight')::numeric, 1)
      ) order by position), '[]')
      from jsonb_array_elements(w.steps) with ordinality steps (s, position)
    ),
    'inputSchema', w.input_schema,
    'registeredAt', w.registered_at
  )
  from stepcast.workflows w
  where w.current
  order by w.name
$$;
