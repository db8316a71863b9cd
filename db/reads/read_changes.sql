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
as $$
declare
  most_lines constant integer := 1000;
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
      case when reach.last is not null then
        json_build_object('run', json_build_object('id', r.id, 'revision', r.revision), 'lines', log.list)::text
      end,
      coalesce(reach.last, case
        when wanted.line < 0 then greatest(0, stepcast.line_before(r.id, r.log_lines, case when change.kind <> 'snapshot' then wanted.since end, -1))
        else coalesce(wanted.line, 0)
      end),
      coalesce(reach.cut and not reading.latest, false),
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
    cross join lateral (select wanted.line < 0 and change.kind = 'snapshot' as latest) reading
    cross join lateral stepcast.shown_run(r)
    cross join lateral stepcast.shown_patch(r)
    left join lateral (
      select coalesce(json_agg(row_to_json(shown_step) order by s.id), '[]') as list
      from stepcast.steps s
      cross join lateral stepcast.shown_step(s)
      where s.run_id = r.id
        and (change.kind = 'snapshot' or s.revision > wanted.since)
    ) stepping on change.kind <> 'none' and wanted.steps
    -- Only by their lengths, which are known without reading long values; and for nobody who wants none (`offset 0`
    -- keeps the planner from checking that last).
    left join lateral (
      select reached.*
      from (select wanted.line as after where wanted.line is not null offset 0) wanting
      cross join lateral (
        select
          min(weighed.line) filter (where weighed.before < most_bytes) as first,
          max(weighed.line) filter (where weighed.before < most_bytes) as last,
          count(*) = most_lines or bool_or(weighed.before >= most_bytes) as cut
        from (
          select tail.line, sum(tail.bytes) over (order by case when reading.latest then -tail.line else tail.line end) - tail.bytes as before
          from (
            select l.line, octet_length(l.message) as bytes
            from stepcast.logs l
            where l.run_id = r.id
              and l.line > stepcast.line_before(r.id, r.log_lines, case when change.kind <> 'snapshot' then wanted.since end, wanting.after)
            order by l.line
            limit most_lines
          ) tail
        ) weighed
      ) reached
    ) reach on true
    left join lateral (
      select json_agg(stepcast.log_json(l) order by l.line) as list
      from stepcast.logs l
      where l.run_id = r.id
        and l.line between reach.first and reach.last
    ) log on reach.last is not null;
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
