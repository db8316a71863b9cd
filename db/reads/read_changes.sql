-- What the hub sends. For each run, a snapshot (if `since` is null, in the future, or before the last retry) or a patch
-- of what changed since, as JSON text that is sent as it is; and its new log lines, if requested. p_lines null: none
-- wanted; -1: the last 500 (for a patch: those after `since`); n: those after line n. At most 1,000 lines, and no more
-- once they reach a MiB (less if many runs are read); of the last 500, the latest ones. `cut`: there may be more after
-- them. A run that does not exist has no row. p_steps false: no step is read. p_rows: some clients show the run as a
-- row of a list, which says where the run is. Once runs and steps of 16 MiB are read, which one run alone may have, the
-- rest are `unread`: to be requested again. Every row names the epoch.
-- PL/pgSQL, because before PostgreSQL 18 an SQL function is planned at every call.
create or replace function stepcast.read_changes(p_runs uuid[], p_since bigint[], p_lines bigint[], p_steps boolean[], p_rows boolean[])
returns table (run uuid, revision bigint, status text, epoch text, kind text, shown text, steps text, current text, lines text, line bigint, cut boolean, now text)
language plpgsql
volatile
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
  -- For a read of many runs, 16 MiB together.
  most_bytes constant integer := 1048576 / greatest(1, cardinality(p_runs) / 16);
  most_shown constant integer := 16 * 1048576;
  current_epoch text := stepcast.current_epoch();
  read_runs uuid[] := '{}';
  bytes bigint := 0;
  -- Row by row: what is not fetched is not read either.
  changes no scroll cursor for
    select
      r.id,
      r.revision,
      r.status,
      current_epoch,
      change.kind,
      case change.kind
        when 'snapshot' then row_to_json(shown_run)::text
        when 'patch' then row_to_json(shown_patch)::text
      end,
      stepping.list::text,
      case when change.kind <> 'none' and wanted.rows then stepcast.position_of(r.id)::text end,
      log.lines,
      coalesce(log.line, 0),
      coalesce(log.cut, false),
      to_json(clock_timestamp())::text
    from unnest(p_runs, p_since, p_lines, p_steps, p_rows) wanted (run, since, line, steps, rows)
    join stepcast.runs r on r.id = wanted.run
    cross join lateral (
      select case
        when wanted.since is null or wanted.since > r.revision or wanted.since < r.reset_revision then 'snapshot'
        when wanted.since < r.revision then 'patch'
        else 'none'
      end as kind
    ) change
    cross join lateral stepcast.shown_run(r)
    cross join lateral stepcast.shown_patch(r)
    left join lateral (
      select coalesce(json_agg(row_to_json(shown_step) order by s.id), '[]') as list
      from stepcast.steps s
      cross join lateral stepcast.shown_step(s)
      where s.run_id = r.id
        and (change.kind = 'snapshot' or s.revision > wanted.since)
    ) stepping on change.kind <> 'none' and wanted.steps
    left join lateral stepcast.new_lines(r.id, r.revision, r.log_lines, coalesce(wanted.since, 0), wanted.line, change.kind <> 'snapshot', most_bytes) log on true;
begin
  open changes;
  while bytes < most_shown loop
    fetch changes into run, revision, status, epoch, kind, shown, steps, current, lines, line, cut, now;
    exit when not found;
    return next;
    read_runs := read_runs || run;
    bytes := bytes + coalesce(octet_length(shown), 0) + coalesce(octet_length(steps), 0);
  end loop;
  close changes;
  if bytes >= most_shown then
    return query
      select r.id, r.revision, r.status, current_epoch, 'unread', null::text, null::text, null::text, null::text, 0::bigint, false, null::text
      from unnest(p_runs) wanted (run)
      join stepcast.runs r on r.id = wanted.run
      where r.id <> all (read_runs);
  end if;
end
$$;
