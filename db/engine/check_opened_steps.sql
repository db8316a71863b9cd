-- Refuses steps that open_run cannot accept, and their sub-steps. Without this, a misspelt member would be lost
-- silently. `p_place`: whose sub-steps these are, as “ of step dump”; empty for the run's own steps.
create or replace function stepcast.check_opened_steps(p_steps jsonb, p_place text default '')
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  kind constant text := case p_place when '' then 'step' else 'sub-step' end;
  known constant text[] := '{step,displayName,displayNames,weight,substeps,stuckAfter}';
  definition jsonb;
  name text;
  -- The step with its place, for messages.
  what text;
  wrong text;
  names text[] := '{}';
begin
  for definition in
    select case jsonb_typeof(element) when 'string' then jsonb_build_object('step', element) else element end
    from jsonb_array_elements(p_steps) element
  loop
    name := case jsonb_typeof(definition) when 'object' then definition ->> 'step' end;
    if coalesce(name, '') = '' then
      perform stepcast.fail_with('SC006', format('a %s%s has no name', kind, p_place),
        'Each element is a name or an object with a “step”.');
    end if;
    what := format('%s %s%s', kind, name, p_place);
    if name = any (names) then
      perform stepcast.fail_with('SC006', format('%s is listed twice', what), format('Give each %s a name of its own.', kind));
    end if;
    names := names || name;
    select member into wrong
    from jsonb_object_keys(definition) member
    where member <> all (known)
    limit 1;
    if found then
      perform stepcast.fail_with('SC006', format('%s has an unknown member “%s”', what, wrong),
        format('Known are %s.', array_to_string(known, ', ')));
    end if;
    if definition ? 'weight'
      and (case when jsonb_typeof(definition -> 'weight') = 'number' then (definition ->> 'weight')::numeric > 0 and (definition ->> 'weight')::numeric <= 1e15 end) is not true
    then
      perform stepcast.fail_with('SC006', format('weight of %s must be a number above 0, up to 1e15, not %s', what, definition -> 'weight'), 'Leave it out for 1.');
    end if;
    -- A workflow in TypeScript has them by language under the same name.
    if jsonb_typeof(definition -> 'displayName') not in ('string', 'null') then
      perform stepcast.fail_with('SC006', format('displayName of %s must be a string, not %s', what, jsonb_typeof(definition -> 'displayName')),
        'Write one text; a text by language is displayNames.');
    end if;
    perform stepcast.check_texts(format('displayNames of %s', what), nullif(definition -> 'displayNames', 'null'));
    if jsonb_typeof(definition -> 'substeps') not in ('array', 'null') then
      perform stepcast.fail_with('SC006', format('substeps of %s must be a JSON array, not %s', what, jsonb_typeof(definition -> 'substeps')), 'Write a list like steps.');
    end if;
    if jsonb_typeof(definition -> 'substeps') = 'array' then
      perform stepcast.check_opened_steps(definition -> 'substeps', ' of ' || what);
    end if;
  end loop;
end
$$;
