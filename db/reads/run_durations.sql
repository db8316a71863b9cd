-- Histogram of how long completed runs took, for the named workflows or (null) all together: a row per bucket, from
-- `at_least` milliseconds to less than `below` (null: no upper bound). Empty buckets between others have their row too.
create or replace function stepcast.run_durations(
  p_since timestamptz default '-infinity',
  p_until timestamptz default 'infinity',
  p_workflows text[] default null
)
returns table (tenant text, at_least bigint, below bigint, runs bigint)
language sql
stable
as $$
  select
    counted.tenant,
    (stepcast.duration_edges())[place],
    (stepcast.duration_edges())[place + 1],
    case when place = counted.bucket then counted.runs else 0 end
  from (
    select
      timed.*,
      count(*) as runs,
      lead(timed.bucket) over (
        partition by timed.tenant
        order by timed.bucket
      ) as next
    from (
      select r.tenant, width_bucket(r.duration, stepcast.duration_edges()) as bucket
      from stepcast.runs r
      where r.status = 'completed'
        and r.completed_at >= coalesce(p_since, '-infinity')
        and r.completed_at < coalesce(p_until, 'infinity')
        and (p_workflows is null or r.workflow = any (p_workflows))
    ) timed
    group by timed.tenant, timed.bucket
  ) counted
  cross join lateral generate_series(counted.bucket, coalesce(counted.next - 1, counted.bucket)) place
$$;
