-- What step_durations says of one step in a tenant, or (p_step null) run_durations of the workflow: type DurationBucket
-- in contract.ts.
create or replace function stepcast.read_durations(
  p_tenant text,
  p_workflow text,
  p_parent text,
  p_step text,
  p_since timestamptz,
  p_until timestamptz
)
returns setof json
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
-- As in read_stats.
set plan_cache_mode = force_custom_plan
set random_page_cost = 1.1
as $$
begin
  if p_step is null then
    return query
      select json_build_object('atLeast', d.at_least, 'below', d.below, 'runs', d.runs)
      from stepcast.run_durations(p_since, p_until, array[p_workflow]) d
      where d.tenant = p_tenant
      order by d.at_least;
  else
    return query
      select json_build_object('atLeast', d.at_least, 'below', d.below, 'runs', d.runs)
      from stepcast.step_durations(p_since, p_until) d
      where d.tenant = p_tenant
        and d.workflow = p_workflow
        and d.parent is not distinct from p_parent
        and d.step = p_step
      order by d.at_least;
  end if;
end
$$;
