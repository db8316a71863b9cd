-- Inserts all steps of new runs of one workflow, and their declared sub-steps, as pending. `p_steps` is the list in
-- stepcast.workflows.steps, or plain names. `p_parents` are the steps of these runs, in the runs' order, whose
-- sub-steps are inserted, and `p_parent` is their name.
-- Weights are frozen here: the median past durations of the workflow once there are enough, else the declared ones. A
-- step that has no past durations yet weighs what it declares, scaled by the ratio of its siblings' durations to their
-- declared weights.
create or replace function stepcast.insert_steps(
  p_runs stepcast.runs[],
  p_steps jsonb,
  p_parent text default '',
  p_parents bigint[] default null
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
  parent record;
begin
  insert into stepcast.steps (
    run_id, tenant, parent_id, step, display_name, display_names, sequence, weight, usual, usual_p95, usual_runs, has_declared_substeps,
    needs, skipped_with_needs, timeout, stuck_after, attempts_allowed
  )
  select
    r.id,
    r.tenant,
    p_parents[r.ordinality],
    d.step,
    coalesce(nullif(btrim(stepcast.fill_in(d.display_name, r.input)), ''), stepcast.title(d.step)),
    stepcast.fill_in_all(d.display_names, r.input),
    d.position,
    case
      when e.step is not null then greatest(e.p50, 1)
      when count(e.step) over siblings = 0 then d.weight
      else least(1e15, greatest(1, round(
        d.weight * sum(greatest(e.p50, 1)) filter (where e.step is not null) over siblings
          / sum(d.weight) filter (where e.step is not null) over siblings
      )))
    end,
    e.p50,
    e.p95,
    e.samples,
    d.has_substeps,
    d.needs,
    d.skipped_with_needs,
    d.timeout,
    -- As in add_substep. All these runs have the same steps.
    case when p_parents is null then d.stuck_after else (select s.stuck_after from stepcast.steps s where s.id = p_parents[1]) end,
    d.attempts_allowed
  from unnest(p_runs) with ordinality r
  cross join stepcast.step_definitions(p_steps) d
  left join stepcast.estimates e
    on e.tenant = r.tenant
    and e.workflow = r.workflow
    and e.parent = p_parent
    and e.step = d.step
  window siblings as (partition by r.ordinality)
  order by r.ordinality, d.position;
  for parent in
    select *
    from stepcast.step_definitions(p_steps)
    where has_substeps
  loop
    perform stepcast.insert_steps(p_runs, parent.substeps, parent.step, array(
      select s.id
      from unnest(p_runs) with ordinality r
      join stepcast.steps s
        on s.run_id = r.id
        and s.parent_id is not distinct from p_parents[r.ordinality]
        and s.step = parent.step
      order by r.ordinality
    ));
  end loop;
end
$$;
