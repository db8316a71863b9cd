-- The numbers of view workflow_stats, for the runs that ended from one time on and before another. In SQL, with neither
-- `security definer` nor a setting of its own, so that it is inlined: the view reads with its reader's rights, and a
-- filter on the workflow reaches the index. The view depends on it: to change its columns, a migration drops the view
-- first. Runs and retries are counted separately, because a join with steps would count a run once per step.
create or replace function stepcast.workflow_stats_since(p_since timestamptz, p_until timestamptz default 'infinity')
returns table (
  tenant text,
  workflow text,
  runs bigint,
  completed bigint,
  failed bigint,
  cancelled bigint,
  success_rate numeric,
  retries bigint,
  average_duration bigint,
  p50_duration bigint,
  p95_duration bigint
)
language sql
stable
as $$
  select
    ended.tenant,
    ended.workflow,
    ended.runs,
    ended.completed,
    ended.failed,
    ended.runs - ended.completed - ended.failed,
    stepcast.rate_of(ended.completed, ended.failed),
    coalesce(retried.retries, 0),
    ended.average_duration,
    ended.p50_duration,
    ended.p95_duration
  from (
    select
      r.tenant,
      r.workflow,
      count(*) as runs,
      count(*) filter (where r.status = 'completed') as completed,
      count(*) filter (where r.status = 'failed') as failed,
      round(avg(r.duration) filter (where r.status = 'completed'))::bigint as average_duration,
      percentile_disc(0.5) within group (order by r.duration) filter (where r.status = 'completed') as p50_duration,
      percentile_disc(0.95) within group (order by r.duration) filter (where r.status = 'completed') as p95_duration
    from stepcast.runs r
    where r.completed_at >= coalesce(p_since, '-infinity')
      and r.completed_at < coalesce(p_until, 'infinity')
    group by r.tenant, r.workflow
  ) ended
  left join (
    select r.tenant, r.workflow, sum(s.attempt - 1)::bigint as retries
    from stepcast.runs r
    join stepcast.steps s on s.run_id = r.id and s.parent_id is null and s.attempt > 1
    where r.completed_at >= coalesce(p_since, '-infinity')
      and r.completed_at < coalesce(p_until, 'infinity')
    group by r.tenant, r.workflow
  ) retried on retried.tenant = ended.tenant and retried.workflow = ended.workflow
$$;
