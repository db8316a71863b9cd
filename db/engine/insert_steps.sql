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
  parent_name constant text := coalesce(p_parent.step, '');
  learned constant boolean := exists (
    select from stepcast.estimates e
    where e.tenant = p_run.tenant
      and e.workflow = p_run.workflow
      and e.parent = parent_name
  );
  parent stepcast.steps;
begin
  insert into stepcast.steps (
    run_id, tenant, parent_id, step, display_name, display_names, sequence, weight, usual, usual_p95, has_declared_substeps,
    needs, skipped_with_needs, timeout, stuck_after
  )
  select
    p_run.id,
    p_run.tenant,
    p_parent.id,
    d.definition ->> 'step',
    stepcast.fill_in(coalesce(d.definition ->> 'displayName', stepcast.title(d.definition ->> 'step')), p_run.input),
    case when jsonb_typeof(d.definition -> 'displayNames') = 'object' then stepcast.fill_in_all(d.definition -> 'displayNames', p_run.input) end,
    d.position,
    case when learned then greatest(coalesce(e.p50, 1), 1) else coalesce((d.definition ->> 'weight')::numeric, 1) end,
    e.p50,
    e.p95,
    coalesce(jsonb_array_length(nullif(d.definition -> 'substeps', 'null')), 0) > 0,
    case when jsonb_typeof(d.definition -> 'needs') = 'array' then stepcast.positions_of(d.definition -> 'needs', p_steps) end,
    coalesce((d.definition ->> 'skippedWithNeeds')::boolean, false),
    (d.definition ->> 'timeout')::bigint,
    -- Ten minutes unless the step says otherwise, or false.
    coalesce((nullif(d.definition -> 'stuckAfter', 'false') #>> '{}')::bigint, case when not d.definition ? 'stuckAfter' then 600000 end)
  from (
    select
      case jsonb_typeof(element) when 'string' then jsonb_build_object('step', element) else element end as definition,
      position
    from jsonb_array_elements(p_steps) with ordinality list (element, position)
  ) d
  left join stepcast.estimates e
    on learned
    and e.tenant = p_run.tenant
    and e.workflow = p_run.workflow
    and e.parent = parent_name
    and e.step = d.definition ->> 'step'
  order by d.position;
  for parent in
    select *
    from stepcast.steps s
    where s.run_id = p_run.id
      and s.parent_id is not distinct from p_parent.id
      and s.has_declared_substeps
    order by s.id
  loop
    perform stepcast.insert_steps(p_run, p_steps -> (parent.sequence - 1) -> 'substeps', parent);
  end loop;
end
$$;
