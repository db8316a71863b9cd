-- A page of runs, newest first, as type Run of contract.ts. `p_after` is the id of the last run of the page before.
-- `p_q` finds an id or a key that begins with it, or a workflow's exact name.
create or replace function stepcast.list_runs(
  p_tenant text,
  p_workflow text,
  p_status text,
  p_key text,
  p_q text,
  p_after uuid,
  p_limit integer
)
returns setof json
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select stepcast.run_json(r)
  from stepcast.runs r
  where r.tenant = p_tenant
    and (p_workflow is null or r.workflow = p_workflow)
    and (p_status is null or r.status = p_status)
    and (p_key is null or r.key = p_key)
    and (p_q is null or r.workflow = p_q or starts_with(r.key, p_q) or starts_with(r.id::text, lower(p_q)))
    and (p_after is null or r.id < p_after)
  order by r.id desc
  limit p_limit
$$;
