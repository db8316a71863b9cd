-- Writes what a worker gathered since its last flush: the newest report of each step and all log lines, with one
-- revision per run. `p_held` and `p_leases` name each lease once, and reports and lines refer by position to the lease
-- they were made under: a worker may hold a run twice, once with a stale lease.
-- This is the live path: runs are locked, then steps, then one statement writes the steps and bumps their runs
-- (write_reports). A run's progress moves by the difference, so that no other step is read.
-- A run is skipped if somebody else has locked its row, or that of one of these steps or of their parents; it delays no
-- other run. A run whose lease is stale is fenced. Both are returned by their place in `p_held`; the rest is written.
-- Lines bear the time of the worker's clock. `p_now` is what that says now: where it is wrong by seconds, they are moved
-- by as much, because the watchdog takes them for signs of life (stuck_steps) and people read them beside ours.
-- The commit is asynchronous: a crash may lose ticks, never a status change, and the epoch tells watchers.
create or replace function stepcast.flush_reports(
  p_held uuid[],
  p_leases bigint[],
  p_positions integer[],
  p_steps bigint[],
  p_progress integer[],
  p_messages text[],
  p_messages_per_language jsonb[],
  p_metadata jsonb[],
  p_log_positions integer[],
  p_log_steps bigint[],
  p_log_times timestamptz[],
  p_log_levels text[],
  p_log_messages text[],
  p_now timestamptz default null
)
returns table (place integer, outcome text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
-- Planning anew for every batch size costs three to ten times what running it does.
set plan_cache_mode = force_generic_plan
-- And a plan that was made while the tables were empty would read them whole, until they are analyzed.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
-- Up to PostgreSQL 17 what is turned off counts as so dear that JIT would compile the plan anew at each execution.
set jit = off
as $$
declare
  -- Where the locked rows are, by the place of their ids in `p_held` and `p_steps`; null: somebody else has that row. A
  -- read by row location passes none of the row's older versions, of which there are many while a transaction is open
  -- somewhere.
  runs tid[];
  steps tid[];
  -- The revision that each run gets, if anything in it changes.
  revisions bigint[];
  old_progress integer[];
  parents bigint[];
  parent bigint;
  raised bigint[];
  -- How far the worker's clock is behind. Less than two seconds may be how long the statement was under way.
  behind interval := clock_timestamp() - p_now;
begin
  if behind is null or behind between interval '-2 seconds' and interval '2 seconds' then
    behind := interval '0';
  end if;
  perform set_config('synchronous_commit', 'off', true);
  select array_agg(locked.ctid order by wanted.position), array_agg(locked.revision + 1 order by wanted.position)
  into runs, revisions
  from (
    select w.run, w.lease, w.position
    from unnest(p_held, p_leases) with ordinality w (run, lease, position)
    order by w.run
  ) wanted
  left join lateral (
    select r.ctid, r.revision
    from stepcast.runs r
    where r.id = wanted.run
      and r.lease = wanted.lease
      -- Not by the index of statuses, which a plan made on empty tables picks, and which would yield every running run
      -- for each of these.
      and coalesce(r.status, '') = 'running'
    for no key update skip locked
  ) locked on true;

  select
    array_agg(locked.ctid order by wanted.position),
    array_agg(locked.progress order by wanted.position),
    array_agg(locked.parent order by wanted.position)
  into steps, old_progress, parents
  from (
    select w.step, w.position
    from unnest(p_steps) with ordinality w (step, position)
    order by w.step
  ) wanted
  left join lateral (
    select s.ctid, s.progress, case when s.declared then s.parent_id end as parent
    from stepcast.steps s
    where s.id = wanted.step
    for no key update skip locked
  ) locked on true;

  -- Somebody may hold a step but not its run, or a step that follows its sub-steps: that run waits too.
  for i in 1..coalesce(cardinality(steps), 0) loop
    if steps[i] is null then
      -- Separate: a condition with a query in it is a statement of its own for every step.
      if exists (select from stepcast.steps s where s.id = p_steps[i]) then
        runs[p_positions[i]] := null;
      end if;
    end if;
    parent := parents[i];
    while parent is not null loop
      select s.parent_id into parent
      from stepcast.steps s
      where s.id = parent
      for no key update skip locked;
      if not found then
        runs[p_positions[i]] := null;
        exit;
      end if;
    end loop;
  end loop;

  raised := stepcast.write_reports(p_held, runs, revisions, p_positions, steps, old_progress, p_progress, p_messages,
    p_messages_per_language, p_metadata, p_log_positions);

  -- Separate too: preparing for lines costs as much when there are none.
  if cardinality(p_log_positions) > 0 then
    insert into stepcast.logs (run_id, tenant, line, step_id, revision, at, level, message)
    select r.id, r.tenant, r.log_lines - l.later, l.step, r.revision, l.at + behind, l.level, l.message
    from (
      select l.*, row_number() over (partition by l.position order by l.number desc) - 1 as later
      from unnest(p_log_positions, p_log_steps, p_log_times, p_log_levels, p_log_messages)
        with ordinality l (position, step, at, level, message, number)
      where runs[l.position] is not null
    ) l
    join stepcast.runs r on r.id = p_held[l.position];
  end if;

  if raised is not null then
    perform stepcast.raise_runs(raised);
  end if;

  if array_position(runs, null) is not null then
    return query
      select wanted.position::integer,
        case when r.lease = wanted.lease and r.status = 'running' then 'locked' else 'fenced' end
      from unnest(p_held, p_leases) with ordinality wanted (run, lease, position)
      left join stepcast.runs r on r.id = wanted.run
      where runs[wanted.position] is null;
  end if;
end
$$;
