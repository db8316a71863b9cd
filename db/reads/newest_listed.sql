-- The newest runs of each of some live lists, newest first; a null workflow or status stands for every one. One row a list, by
-- its place. Each kind of list is read from the index that is in its order, so that it costs the same however long the history is.
create or replace function stepcast.newest_listed(p_tenants text[], p_workflows text[], p_statuses text[], p_limits integer[])
returns table (place integer, runs uuid[])
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
-- As in read_changes.sql.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
begin
  return query
    select wanted.number::integer, coalesce(array_agg(newest.id order by newest.id desc) filter (where newest.id is not null), '{}')
    from unnest(p_tenants, p_workflows, p_statuses, p_limits) with ordinality wanted (tenant, workflow, status, most, number)
    left join lateral (
      select listed.id
      from (
        (
          select r.id
          from stepcast.runs r
          where wanted.workflow is not null
            and wanted.status is null
            and r.tenant = wanted.tenant
            and r.workflow = wanted.workflow
          order by r.id desc
          limit wanted.most
        )
        union all
        (
          select r.id
          from stepcast.runs r
          where wanted.workflow is not null
            and wanted.status is not null
            and r.tenant = wanted.tenant
            and r.workflow = wanted.workflow
            and r.status = wanted.status
          order by r.id desc
          limit wanted.most
        )
        union all
        select each.id
        from unnest(case
          when wanted.workflow is not null then '{}'
          when wanted.status is not null then array[wanted.status]
          else '{pending,running,completed,failed,cancelled}'
        end) status
        cross join lateral (
          select r.id
          from stepcast.runs r
          where r.tenant = wanted.tenant
            and r.status = status.status
          order by r.id desc
          limit wanted.most
        ) each
      ) listed
      order by listed.id desc
      limit wanted.most
    ) newest on true
    group by wanted.number;
end
$$;
