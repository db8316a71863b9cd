-- What the stats views say of a tenant, for the named workflows or (null) all, over the runs that ended from one time
-- on and before another: a row per workflow, type WorkflowStats in contract.ts.
create or replace function stepcast.read_stats(
  p_tenant text,
  p_workflows text[],
  p_since timestamptz,
  p_until timestamptz
)
returns setof json
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
-- Whether an index helps depends on how long ago p_since is.
set plan_cache_mode = force_custom_plan
-- The steps of runs that ended one after another lie together, which the planner does not expect: it would read the
-- whole table for two runs in a hundred.
set random_page_cost = 1.1
as $$
declare
  all_at_once constant boolean := p_workflows is null or p_workflows @> array(select stepcast.workflows_with_runs(p_tenant));
  one text;
begin
  -- A few workflows are read one by one: only `=` reaches everything that is counted for a workflow, and finds its runs
  -- among many others.
  foreach one in array case when all_at_once then array[null::text] else p_workflows end loop
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
      from stepcast.workflow_stats_since(p_since, p_until) w
      left join (
        select
          s.workflow,
          json_agg(json_build_object(
            'parent', s.parent,
            'step', s.step,
            'displayName', coalesce(title.display_name, stepcast.title(s.step)),
            'displayNames', title.display_names,
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
        from stepcast.step_stats_since(p_since, p_until) s
        left join stepcast.step_titles() title
          on title.workflow = s.workflow
          and title.parent is not distinct from s.parent
          and title.step = s.step
        where s.tenant = p_tenant
          and (one is null or s.workflow = one)
          and (p_workflows is null or s.workflow = any (p_workflows))
        group by s.workflow
      ) steps on steps.workflow = w.workflow
      where w.tenant = p_tenant
        and (one is null or w.workflow = one)
        and (p_workflows is null or w.workflow = any (p_workflows))
      order by w.workflow;
  end loop;
end
$$;
