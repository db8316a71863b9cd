-- What run_stats says, hour by hour, day by day, or by another unit of date_trunc, in a time zone: a row for each unit
-- in which a run ended, which begins `at`.
create or replace function stepcast.run_trend(
  p_since timestamptz,
  p_until timestamptz default 'infinity',
  p_unit text default 'day',
  p_zone text default 'UTC',
  p_workflows text[] default null
)
returns table (
  tenant text,
  at timestamptz,
  runs bigint,
  completed bigint,
  failed bigint,
  cancelled bigint,
  success_rate numeric,
  p50_duration bigint,
  p95_duration bigint
)
language sql
stable
as $$
  select
    r.tenant,
    date_trunc(p_unit, r.completed_at, p_zone),
    count(*),
    count(*) filter (where r.status = 'completed'),
    count(*) filter (where r.status = 'failed'),
    count(*) filter (where r.status = 'cancelled'),
    stepcast.rate_of(count(*) filter (where r.status = 'completed'), count(*) filter (where r.status = 'failed')),
    percentile_disc(0.5) within group (order by r.duration) filter (where r.status = 'completed'),
    percentile_disc(0.95) within group (order by r.duration) filter (where r.status = 'completed')
  from stepcast.runs r
  where r.completed_at >= coalesce(p_since, '-infinity')
    and r.completed_at < coalesce(p_until, 'infinity')
    and (p_workflows is null or r.workflow = any (p_workflows))
  group by 1, 2
$$;
