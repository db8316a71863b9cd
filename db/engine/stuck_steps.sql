-- Steps that have been running without any sign of life for as long as they declared: no change to them or to a
-- sub-step, and no log line. Steps of dead workers are not included: they are taken over.
-- To never count as stuck, a step declares some enormous time: it is capped at three hundred years, which is never in
-- practice, and can be subtracted from now.
-- Not `security definer`: view stuck_runs shows its readers only their own rows.
create or replace function stepcast.stuck_steps()
returns table (run_id uuid, step_id bigint, step text, stuck_after bigint, since timestamptz)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select r.id, s.id, s.step, s.stuck_after, sign.latest
  from stepcast.runs r
  join stepcast.steps s
    on s.run_id = r.id
    and s.parent_id is null
    and s.status = 'running'
    and s.updated_at < clock_timestamp() - least(s.stuck_after, 10000000000000) * interval '1 millisecond'
  cross join lateral (
    with recursive tree as (
      select s.id, s.updated_at
      union all
      select c.id, c.updated_at
      from tree t
      join stepcast.steps c on c.parent_id = t.id
    )
    select greatest(
      max(t.updated_at),
      -- The last line, which is nearly always the newest: a step may have written a great many.
      (select l.at from stepcast.logs l where l.run_id = r.id and l.step_id in (select id from tree) order by l.line desc limit 1)
    ) as latest
    from tree t
  ) sign
  where r.status = 'running'
    and (r.driver = 'outside' or r.worker in (select alive.id from stepcast.live_workers() alive))
    and sign.latest < clock_timestamp() - least(s.stuck_after, 10000000000000) * interval '1 millisecond'
  order by r.id, s.id
$$;
