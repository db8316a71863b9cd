-- The newest runs of a tenant before a run and up to another, of some workflows (null: all) in some statuses, newest
-- first. One short walk through an index in that order for each workflow and status: it costs the same however long the
-- history is.
create or replace function stepcast.newest_of(p_tenant text, p_workflows text[], p_statuses text[], p_before uuid, p_until uuid, p_limit integer)
returns setof uuid
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
-- As in read_changes.sql.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
begin
  if p_workflows is null then
    return query
      select each.id
      from unnest(p_statuses) wanted (status)
      cross join lateral (
        select r.id
        from stepcast.runs r
        where r.tenant = p_tenant
          and r.status = wanted.status
          and r.id < p_before
          and r.id <= p_until
        order by r.id desc
        limit p_limit
      ) each
      order by each.id desc
      limit p_limit;
  else
    return query
      select each.id
      from unnest(p_workflows) named (workflow)
      cross join unnest(p_statuses) wanted (status)
      cross join lateral (
        select r.id
        from stepcast.runs r
        where r.tenant = p_tenant
          and r.workflow = named.workflow
          and r.status = wanted.status
          and r.id < p_before
          and r.id <= p_until
        order by r.id desc
        limit p_limit
      ) each
      order by each.id desc
      limit p_limit;
  end if;
end
$$;
