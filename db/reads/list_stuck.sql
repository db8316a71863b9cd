-- What view stuck_runs says of a tenant, those stuck longest first: type StuckRun in contract.ts.
create or replace function stepcast.list_stuck(p_tenant text, p_limit integer)
returns setof json
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
-- As in expire_runs.
set intervalstyle = 'postgres'
as $$
  select json_build_object(
    'id', s.id,
    'workflow', s.workflow,
    'key', s.key,
    'displayName', s.display_name,
    'displayNames', s.display_names,
    'status', s.status,
    'step', s.step,
    'reason', s.reason,
    'why', s.why,
    'since', s.since
  )
  from stepcast.stuck_runs s
  where s.tenant = p_tenant
  order by s.since, s.id
  limit p_limit
$$;
