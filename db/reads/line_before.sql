-- The log line that a watcher has seen last: the one that it names, or (-1) the last one of the revision that it knows,
-- or the one before the latest 500.
create or replace function stepcast.line_before(p_run uuid, p_log_lines bigint, p_since bigint, p_line bigint)
returns bigint
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_line >= 0 then
    return p_line;
  end if;
  if p_since is null then
    return p_log_lines - 500;
  end if;
  return coalesce((
    select seen.line
    from stepcast.logs seen
    where seen.run_id = p_run
      and seen.revision <= p_since
    order by seen.line desc
    limit 1
  ), 0);
end
$$;
