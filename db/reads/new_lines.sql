-- The new log lines of a run as the hub sends them: after line `p_line`; or (-1) the latest 500, and those of a patch
-- after the revision `p_since`. At most 1,000, and no more once they reach `p_most_bytes`; of the latest, the last ones.
-- `lines`: a LogBatch as JSON; null: there are none. `line`: the last one that its reader now has. `cut`: there may be
-- more after it.
-- Strict, so that nothing is read and nothing begins for who wants no lines (`p_line` null), which is nearly everyone. As
-- joins of read_changes, they took a fifth of its time even so.
create or replace function stepcast.new_lines(
  p_run uuid,
  p_revision bigint,
  p_log_lines bigint,
  p_since bigint,
  p_line bigint,
  p_is_patch boolean,
  p_most_bytes integer
)
returns table (lines text, line bigint, cut boolean)
rows 1
language plpgsql
stable
strict
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  most_lines constant integer := 1000;
  latest constant boolean := p_line < 0 and not p_is_patch;
  seen constant bigint := stepcast.line_before(p_run, p_log_lines, case when p_is_patch then p_since end, p_line);
  first bigint;
  last bigint;
begin
  -- Only by their lengths, which are known without reading long values.
  select
    min(weighed.line) filter (where weighed.before < p_most_bytes),
    max(weighed.line) filter (where weighed.before < p_most_bytes),
    (count(*) = most_lines or coalesce(bool_or(weighed.before >= p_most_bytes), false)) and not latest
  into first, last, cut
  from (
    select tail.line, sum(tail.bytes) over (order by case when latest then -tail.line else tail.line end) - tail.bytes as before
    from (
      select l.line, octet_length(l.message) as bytes
      from stepcast.logs l
      where l.run_id = p_run
        and l.line > seen
      order by l.line
      limit most_lines
    ) tail
  ) weighed;
  line := coalesce(last, greatest(0, seen));
  if last is not null then
    select json_build_object('run', json_build_object('id', p_run, 'revision', p_revision), 'lines', json_agg(stepcast.log_json(l) order by l.line))::text
    into lines
    from stepcast.logs l
    where l.run_id = p_run
      and l.line between first and last;
  end if;
  return next;
end
$$;
