-- Log lines of a run after a given line; if given, only those of one step (a name, or 'parent/sub-step') and of a level
-- or above. At most `p_limit`, and no more once they reach a MiB. No rows: there are no more. SC003: no such step.
create or replace function stepcast.read_logs(p_tenant text, p_run uuid, p_step text, p_after bigint, p_level text, p_limit integer)
returns setof json
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select stepcast.log_json(found.l)
  -- Looked up once, not for every line, and also if there are no lines.
  from (select stepcast.named_step(p_run, p_step) as id offset 0) step
  cross join lateral (
    select l, sum(octet_length(l.message)) over (order by l.line) - octet_length(l.message) as before
    from stepcast.logs l
    where l.tenant = p_tenant
      and l.run_id = p_run
      and l.line > coalesce(p_after, 0)
      and (p_step is null or l.step_id = step.id)
      and (p_level is null or array_position('{debug,info,warn,error}', l.level) >= array_position('{debug,info,warn,error}', p_level))
    order by l.line
    limit p_limit
  ) found
  where found.before < 1048576
  order by (found.l).line
$$;
