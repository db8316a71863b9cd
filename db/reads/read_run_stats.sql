-- What run_stats, run_durations and run_trend say of a tenant's workflows together, as types RunNumbers, DurationBucket
-- and TrendPoint in contract.ts. The trend begins with the unit that contains `p_first`, has no gaps, and has a null
-- where no run gives a value.
create or replace function stepcast.read_run_stats(
  p_tenant text,
  p_workflows text[],
  p_since timestamptz,
  p_until timestamptz,
  p_first timestamptz,
  p_unit text,
  p_zone text
)
returns json
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
begin
  return (
    select json_build_object(
      'total', (
        select json_build_object(
          'runs', coalesce(sum(s.runs), 0),
          'completed', coalesce(sum(s.completed), 0),
          'failed', coalesce(sum(s.failed), 0),
          'cancelled', coalesce(sum(s.cancelled), 0),
          'successRate', min(s.success_rate),
          'averageDuration', min(s.average_duration),
          'p50Duration', min(s.p50_duration),
          'p95Duration', min(s.p95_duration)
        )
        from stepcast.run_stats(p_since, p_until, p_workflows) s
        where s.tenant = p_tenant
      ),
      'durations', (
        select coalesce(json_agg(json_build_object('atLeast', d.at_least, 'below', d.below, 'runs', d.runs) order by d.at_least), '[]')
        from stepcast.run_durations(p_since, p_until, p_workflows) d
        where d.tenant = p_tenant
      ),
      'trend', (
        select json_agg(json_build_object(
          'at', moment.at,
          'runs', coalesce(t.runs, 0),
          'completed', coalesce(t.completed, 0),
          'failed', coalesce(t.failed, 0),
          'cancelled', coalesce(t.cancelled, 0),
          'successRate', t.success_rate,
          'p50Duration', t.p50_duration,
          'p95Duration', t.p95_duration
        ) order by moment.at)
        from stepcast.moments(p_first, p_until, p_unit, p_zone) moment (at)
        left join stepcast.run_trend(p_since, p_until, p_unit, p_zone, p_workflows) t
          on t.tenant = p_tenant
          and t.at = moment.at
      )
    )
  );
end
$$;
