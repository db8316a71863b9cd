-- Inserts all steps of a new run, and their declared sub-steps, as pending. `p_steps` is the list of
-- stepcast.workflows.steps, or plain names. Weights are frozen here: the median past durations of the workflow once
-- there are enough, else the declared ones.
create or replace function stepcast.insert_steps(p_run stepcast.runs, p_steps jsonb, p_parent stepcast.steps default null)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  parent_name text := coalesce(p_parent.step, '');
  learned boolean := exists (
    select from stepcast.estimates e
    where e.tenant = p_run.tenant
      and e.workflow = p_run.workflow
      and e.parent = parent_name
  );
  definition jsonb;
  inserted stepcast.steps;
  position integer := 0;
begin
  for definition in
    select case jsonb_typeof(element) when 'string' then jsonb_build_object('step', element) else element end
    from jsonb_array_elements(p_steps) element
  loop
    position := position + 1;
    insert into stepcast.steps (
      run_id, tenant, parent_id, step, display_name, display_names, sequence, weight, usual, usual_p95, has_declared_substeps
    )
    select
      p_run.id,
      p_run.tenant,
      p_parent.id,
      definition ->> 'step',
      stepcast.fill_in(coalesce(definition ->> 'displayName', stepcast.title(definition ->> 'step')), p_run.input),
      stepcast.fill_in_all(nullif(definition -> 'displayNames', 'null'), p_run.input),
      position,
      case when learned then greatest(coalesce(e.p50, 1), 1) else coalesce((definition ->> 'weight')::numeric, 1) end,
      e.p50,
      e.p95,
      coalesce(jsonb_array_length(nullif(definition -> 'substeps', 'null')), 0) > 0
    from (select) nothing
    left join stepcast.estimates e
      on e.tenant = p_run.tenant
      and e.workflow = p_run.workflow
      and e.parent = parent_name
      and e.step = definition ->> 'step'
    returning * into inserted;
    if inserted.has_declared_substeps then
      perform stepcast.insert_steps(p_run, definition -> 'substeps', inserted);
    end if;
  end loop;
end
$$;
