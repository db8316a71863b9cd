-- The workflows of which a tenant has a run, by name. A loose scan: one index lookup for each of them.
create or replace function stepcast.workflows_with_runs(p_tenant text)
returns setof text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  with recursive found as (
    select min(r.workflow) as workflow
    from stepcast.runs r
    where r.tenant = p_tenant
    union all
    select (
      select min(r.workflow)
      from stepcast.runs r
      where r.tenant = p_tenant
        and r.workflow > found.workflow
    )
    from found
    where found.workflow is not null
  )
  select workflow
  from found
  where workflow is not null
$$;
