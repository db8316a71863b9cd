-- The newest run under each of some keys; a key without a run has no row.
create or replace function stepcast.newest_runs(p_tenants text[], p_workflows text[], p_keys text[])
returns table (tenant text, workflow text, key text, run uuid)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select wanted.tenant, wanted.workflow, wanted.key, newest.id
  from unnest(p_tenants, p_workflows, p_keys) wanted (tenant, workflow, key)
  cross join lateral (
    select r.id
    from stepcast.runs r
    where r.tenant = wanted.tenant
      and r.workflow = wanted.workflow
      and r.key = wanted.key
    order by r.id desc
    limit 1
  ) newest
$$;
