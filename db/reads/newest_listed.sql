-- The runs of each of some live lists, newest first. One row per list, by its place. `p_statuses`: names separated by
-- commas; null stands for all. For what the filters mean, and what this costs, see listed_runs.sql.
create or replace function stepcast.newest_listed(
  p_tenants text[],
  p_workflows text[],
  p_statuses text[],
  p_keys text[],
  p_qs text[],
  p_limits integer[]
)
returns table (place integer, runs uuid[])
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select wanted.number::integer, listed.runs
  from unnest(p_tenants, p_workflows, p_statuses, p_keys, p_qs, p_limits) with ordinality wanted (tenant, workflow, statuses, key, q, most, number)
  cross join lateral stepcast.listed_runs(
    wanted.tenant,
    wanted.workflow,
    string_to_array(wanted.statuses, ','),
    wanted.key,
    wanted.q,
    null,
    wanted.most
  ) listed
$$;
