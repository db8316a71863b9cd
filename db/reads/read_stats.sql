-- What the stats views say of a tenant, of one workflow or (null) of all, of runs that ended since a time or (null)
-- ever: a row per workflow, type WorkflowStats of contract.ts.
create or replace function stepcast.read_stats(p_tenant text, p_workflow text, p_since timestamptz)
returns setof json
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
-- Whether an index helps depends on how long ago p_since is.
set plan_cache_mode = force_custom_plan
as $$
begin
  return query
    select json_build_object(
      'workflow', w.workflow,
      'runs', w.runs,
      'completed', w.completed,
      'failed', w.failed,
      'cancelled', w.cancelled,
      'successRate', w.success_rate,
      'retries', w.retries,
      'averageDuration', w.average_duration,
      'p50Duration', w.p50_duration,
      'p95Duration', w.p95_duration,
      'steps', coalesce(steps.list, '[]')
    )
    from stepcast.workflow_stats_since(coalesce(p_since, '-infinity')) w
    left join (
      select
        s.workflow,
        json_agg(json_build_object(
          'parent', s.parent,
          'step', s.step,
          'runs', s.runs,
          'completed', s.completed,
          'failed', s.failed,
          'skipped', s.skipped,
          'cancelled', s.cancelled,
          'successRate', s.success_rate,
          'retries', s.retries,
          'averageDuration', s.average_duration,
          'p50Duration', s.p50_duration,
          'p95Duration', s.p95_duration
        ) order by s.parent nulls first, s.sequence, s.step) as list
      from stepcast.step_stats_since(coalesce(p_since, '-infinity')) s
      where s.tenant = p_tenant
        and (p_workflow is null or s.workflow = p_workflow)
      group by s.workflow
    ) steps on steps.workflow = w.workflow
    where w.tenant = p_tenant
      and (p_workflow is null or w.workflow = p_workflow)
    order by w.workflow;
end
$$;
