-- Which of some runs a tenant has, with what is asked before one may see them.
create or replace function stepcast.find_runs(p_tenant text, p_runs uuid[])
returns table (id uuid, workflow text, key text, status text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select r.id, r.workflow, r.key, r.status
  from stepcast.runs r
  where r.id = any (p_runs)
    and r.tenant = p_tenant
$$;
