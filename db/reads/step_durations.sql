-- Histogram of how long each step took when it completed, in the runs that ended from one time on and before another;
-- its buckets are those of run_durations.
create or replace function stepcast.step_durations(
  p_since timestamptz default '-infinity',
  p_until timestamptz default 'infinity'
)
returns table (
  tenant text,
  workflow text,
  parent text,
  step text,
  at_least bigint,
  below bigint,
  runs bigint
)
language sql
stable
as $$
  select
    counted.tenant,
    counted.workflow,
    counted.parent,
    counted.step,
    (stepcast.duration_edges())[place],
    (stepcast.duration_edges())[place + 1],
    case when place = counted.bucket then counted.runs else 0 end
  from (
    select
      timed.*,
      count(*) as runs,
      lead(timed.bucket) over (
        partition by timed.tenant, timed.workflow, timed.parent, timed.step
        order by timed.bucket
      ) as next
    from (
      select
        r.tenant,
        r.workflow,
        case when s.parent_id is not null then (select p.step from stepcast.steps p where p.id = s.parent_id) end as parent,
        s.step,
        width_bucket(s.duration, stepcast.duration_edges()) as bucket
      from stepcast.runs r
      join stepcast.steps s on s.run_id = r.id
      where s.status = 'completed'
        and r.completed_at >= coalesce(p_since, '-infinity')
        and r.completed_at < coalesce(p_until, 'infinity')
    ) timed
    group by timed.tenant, timed.workflow, timed.parent, timed.step, timed.bucket
  ) counted
  cross join lateral generate_series(counted.bucket, coalesce(counted.next - 1, counted.bucket)) place
$$;
