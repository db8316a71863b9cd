-- What statistics can be requested at once, so that the answer takes seconds at most, however much history there is:
-- from when on runs are counted (null: all there are), from when on their steps are, until when, and in which unit a
-- trend of that is easy to read. The numbers of runs come from an index alone, those of steps from the steps
-- themselves.
create or replace function stepcast.stats_window(
  p_tenant text,
  p_workflows text[],
  p_since timestamptz,
  p_until timestamptz,
  p_most_runs integer,
  p_most_step_runs integer
)
returns json
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select json_build_object(
    'since', nullif(runs.since, '-infinity'),
    'workflowsSince', nullif(stepcast.newest_ended(p_tenant, p_workflows, runs.since, ends.until, p_most_step_runs), '-infinity'),
    'until', ends.until,
    'first', first.at,
    'unit', case
      when ends.until - first.at <= interval '3 days' then 'hour'
      when ends.until - first.at <= interval '120 days' then 'day'
      when ends.until - first.at <= interval '800 days' then 'week'
      else 'month'
    end
  )
  from (
    select least(coalesce(p_until, 'infinity'), clock_timestamp()) as until
  ) ends
  cross join lateral (
    select stepcast.newest_ended(p_tenant, p_workflows, coalesce(p_since, '-infinity'), ends.until, p_most_runs) as since
  ) runs
  cross join lateral (
    -- Where a trend begins: with the window, else with the first run in it.
    select coalesce(
      nullif(runs.since, '-infinity'),
      (
        select min(oldest.completed_at)
        from unnest(p_workflows) one
        cross join lateral (
          select r.completed_at
          from stepcast.runs r
          where r.tenant = p_tenant
            and r.workflow = one
            and r.completed_at < ends.until
          order by r.completed_at
          limit 1
        ) oldest
      ),
      ends.until
    ) as at
  ) first
$$;
