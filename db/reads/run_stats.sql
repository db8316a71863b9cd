-- One row per tenant: its runs that ended from one time on and before another, for the named workflows or (null) all
-- together. The columns mean what they mean in workflow_stats. Inlined, as workflow_stats_since is; if the tenant is
-- given, it reads only index runs_counted.
create or replace function stepcast.run_stats(
  p_since timestamptz default '-infinity',
  p_until timestamptz default 'infinity',
  p_workflows text[] default null
)
returns table (
  tenant text,
  runs bigint,
  completed bigint,
  failed bigint,
  cancelled bigint,
  success_rate numeric,
  average_duration bigint,
  p50_duration bigint,
  p95_duration bigint
)
language sql
stable
as $$
  select
    r.tenant,
    count(*),
    count(*) filter (where r.status = 'completed'),
    count(*) filter (where r.status = 'failed'),
    count(*) filter (where r.status = 'cancelled'),
    stepcast.rate_of(count(*) filter (where r.status = 'completed'), count(*) filter (where r.status = 'failed')),
    round(avg(r.duration) filter (where r.status = 'completed'))::bigint,
    percentile_disc(0.5) within group (order by r.duration) filter (where r.status = 'completed'),
    percentile_disc(0.95) within group (order by r.duration) filter (where r.status = 'completed')
  from stepcast.runs r
  where r.completed_at >= coalesce(p_since, '-infinity')
    and r.completed_at < coalesce(p_until, 'infinity')
    and (p_workflows is null or r.workflow = any (p_workflows))
  group by r.tenant
$$;
