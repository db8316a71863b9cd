-- Which of the given runs their tenants have, with what is checked before one may see them: one read for many callers.
create or replace function stepcast.find_runs(p_tenants text[], p_runs uuid[])
returns table (tenant text, id uuid, workflow text, key text, status text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select r.tenant, r.id, r.workflow, r.key, r.status
  from unnest(p_tenants, p_runs) wanted (tenant, id)
  join stepcast.runs r on r.id = wanted.id
  where r.tenant = wanted.tenant
$$;
