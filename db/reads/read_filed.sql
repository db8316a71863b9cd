-- What the live lists need to find some runs by: for those that were inserted or whose status changed. A run that does
-- not exist has no row.
create or replace function stepcast.read_filed(p_runs uuid[])
returns table (run uuid, tenant text, workflow text, status text, key text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select r.id, r.tenant, r.workflow, r.status, r.key
  from stepcast.runs r
  where r.id = any (p_runs)
$$;
