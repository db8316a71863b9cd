-- What the hub sends: for each run, a snapshot (`since` null, from the future, or before the last retry) or a patch of
-- what changed since, as JSON text that goes out as it is; and its new log lines, where asked for: p_lines null: none
-- wanted, -1: the last 500 (or those after `since`), n: those after line n, 1,000 at most. A run that does not exist
-- gives no row. Every row names the epoch.
create or replace function stepcast.read_changes(p_runs uuid[], p_since bigint[], p_lines bigint[])
returns table (run uuid, revision bigint, status text, epoch text, kind text, body text, lines text, line bigint)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  select
    r.id,
    r.revision,
    r.status,
    current.epoch,
    change.kind,
    case change.kind
      when 'snapshot' then json_build_object('run', stepcast.run_json(r), 'steps', steps.list, 'now', clock_timestamp())::text
      when 'patch' then json_build_object('run', stepcast.run_patch_json(r), 'steps', steps.list, 'now', clock_timestamp())::text
    end,
    case when log.last is not null then
      json_build_object('run', json_build_object('id', r.id, 'revision', r.revision), 'lines', log.list)::text
    end,
    coalesce(log.last, greatest(wanted.line, 0))
  from unnest(p_runs, p_since, p_lines) wanted (run, since, line)
  cross join (select stepcast.current_epoch() as epoch) current
  join stepcast.runs r on r.id = wanted.run
  cross join lateral (
    select case
      when wanted.since is null or wanted.since > r.revision or wanted.since < r.reset_revision then 'snapshot'
      when wanted.since < r.revision then 'patch'
      else 'none'
    end as kind
  ) change
  left join lateral (
    select coalesce(json_agg(stepcast.step_json(s) order by s.id), '[]') as list
    from stepcast.steps s
    where s.run_id = r.id
      and (change.kind = 'snapshot' or s.revision > wanted.since)
  ) steps on change.kind <> 'none'
  left join lateral stepcast.read_log_tail(r.id, r.log_lines, wanted.since, wanted.line) log on wanted.line is not null
$$;
