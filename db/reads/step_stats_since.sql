-- The numbers of view step_stats, for the runs that ended from one time on and before another. Inlined, as
-- workflow_stats_since is.
-- A step that its run never reached does not count: it is pending, or was cancelled before its first attempt. A step
-- that was still waiting for its next attempt when the run ended counts among the runs, and has neither completed nor
-- failed.
create or replace function stepcast.step_stats_since(p_since timestamptz, p_until timestamptz default 'infinity')
returns table (
  tenant text,
  workflow text,
  parent text,
  step text,
  sequence integer,
  runs bigint,
  completed bigint,
  failed bigint,
  skipped bigint,
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
    r.tenant,
    r.workflow,
    -- Not a join, which would read every step twice for the few that have a parent.
    case when s.parent_id is not null then (select p.step from stepcast.steps p where p.id = s.parent_id) end,
    s.step,
    min(s.sequence),
    -- Below steps of different names, a run may have several sub-steps with these two names. Counting distinct runs for
    -- all steps would take twice the time.
    count(*) filter (where s.parent_id is null) + count(distinct case when s.parent_id is not null then r.id end),
    count(*) filter (where s.status = 'completed'),
    count(*) filter (where s.status = 'failed'),
    count(*) filter (where s.status = 'skipped'),
    count(*) filter (where s.status = 'cancelled'),
    stepcast.rate_of(count(*) filter (where s.status = 'completed'), count(*) filter (where s.status = 'failed')),
    sum(greatest(s.attempt - 1, 0))::bigint,
    round(avg(s.duration) filter (where s.status = 'completed'))::bigint,
    percentile_disc(0.5) within group (order by s.duration) filter (where s.status = 'completed'),
    percentile_disc(0.95) within group (order by s.duration) filter (where s.status = 'completed')
  from stepcast.runs r
  join stepcast.steps s on s.run_id = r.id
  where r.completed_at >= coalesce(p_since, '-infinity')
    and r.completed_at < coalesce(p_until, 'infinity')
    and (s.status not in ('pending', 'cancelled') or s.attempt > 0)
  group by 1, 2, 3, 4
$$;
