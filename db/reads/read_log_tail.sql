-- The log part of read_changes: lines after `p_line`; -1: those after revision `p_since`, or the last 500.
create or replace function stepcast.read_log_tail(p_run uuid, p_log_lines bigint, p_since bigint, p_line bigint, out list json, out last bigint)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select json_agg(stepcast.log_json(tail.log) order by (tail.log).line), max((tail.log).line)
  from (
    select l as log
    from stepcast.logs l
    where l.run_id = p_run
      and l.line > case
        when p_line >= 0 then p_line
        when p_since is null then p_log_lines - 500
        else coalesce((
          select seen.line
          from stepcast.logs seen
          where seen.run_id = p_run
            and seen.revision <= p_since
          order by seen.line desc
          limit 1
        ), 0)
      end
    order by l.line
    limit 1000
  ) tail
$$;
