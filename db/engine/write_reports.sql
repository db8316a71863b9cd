-- The part of a flush that writes: the steps, and one new revision for each of their runs. The rows are locked already
-- and given by their places. `p_positions` and `p_log_positions` refer to the arrays of runs, as in flush_reports;
-- where `p_runs` is null, that run and all that belongs to it are left alone. Returns the steps whose parents have to
-- follow.
-- This is a function of its own because of its settings. They leave Postgres one plan: to read all rows of a table in
-- one scan by their places, and to hash them together with what is new. In a nested loop each row would be a scan of
-- its own, for which Postgres asks the operating system how long the table is: that took a tenth of a flush.
create or replace function stepcast.write_reports(
  p_held uuid[],
  p_runs tid[],
  p_revisions bigint[],
  p_positions integer[],
  p_steps tid[],
  p_old_progress integer[],
  p_progress integer[],
  p_messages text[],
  p_messages_per_language jsonb[],
  p_metadata jsonb[],
  p_log_positions integer[]
)
returns bigint[]
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_indexscan = off
set enable_indexonlyscan = off
set enable_bitmapscan = off
-- flush_reports, within whose settings this runs, has turned it off.
set enable_hashjoin = on
set enable_nestloop = off
set enable_mergejoin = off
set jit = off
as $$
declare
  raised bigint[];
begin
  with written as (
    update stepcast.steps s
    set progress = case when s.has_declared_substeps then s.progress else greatest(s.progress, least(coalesce(r.progress, 0), 99)) end,
        message = coalesce(r.message, s.message),
        messages = case when r.message is null then s.messages else r.messages end,
        metadata = case when r.metadata is null then s.metadata else stepcast.merge_metadata(s.metadata, r.metadata) end,
        revision = p_revisions[r.position],
        updated_at = clock_timestamp()
    from unnest(p_positions, p_steps, p_old_progress, p_progress, p_messages, p_messages_per_language, p_metadata)
      r (position, place, old_progress, progress, message, messages, metadata)
    where s.ctid = any (p_steps)
      and s.ctid = r.place
      and s.run_id = p_held[r.position]
      and s.status = 'running'
      and p_runs[r.position] is not null
      and (
        (r.progress > s.progress and not s.has_declared_substeps and s.progress < 99)
        or (r.message is not null and (r.message is distinct from s.message or r.messages is distinct from s.messages))
        or (r.metadata is not null and stepcast.merge_metadata(s.metadata, r.metadata) <> s.metadata)
        -- A report that changes nothing writes nothing. But it is a sign of life, which the watchdog has to see
        -- (stuck_steps): so it is written, at most four times within the time after which the step would be stuck.
        or s.updated_at < clock_timestamp() - least(s.stuck_after, 10000000000000) / 4 * interval '1 millisecond'
      )
    returning
      r.position,
      case when s.parent_id is null then s.weight * (s.progress - r.old_progress) else 0 end as work,
      case when s.declared and s.parent_id is not null then s.id end as raised
  ),
  changes as (
    select p_runs[change.position] as place, sum(change.work) as work, sum(change.lines) as lines
    from (
      select position, work, 0 as lines from written
      union all
      select l.position, 0, 1 from unnest(p_log_positions) l (position) where p_runs[l.position] is not null
    ) change
    group by change.position
  ),
  bumped as (
    update stepcast.runs r
    set revision = r.revision + 1,
        work_done = r.work_done + c.work,
        progress = case
          when c.work = 0 or r.work_total = 0 then r.progress
          else greatest(r.progress, least(99, floor((r.work_done + c.work) / r.work_total)))
        end,
        log_lines = r.log_lines + c.lines,
        updated_at = clock_timestamp()
    from changes c
    where r.ctid = any (p_runs)
      and r.ctid = c.place
  )
  select array_agg(w.raised) filter (where w.raised is not null) into raised
  from written w;
  return raised;
end
$$;
