-- A page of runs, newest first, each `{run, current}` of types Run and Position of contract.ts: `{runs, walked}`.
-- `p_after` is where the page before ended;
-- `walked` not null: where this one ended, though it is not full. What the filters mean: listed_runs.sql.
create or replace function stepcast.list_runs(
  p_tenant text,
  p_workflow text,
  p_statuses text[],
  p_key text,
  p_q text,
  p_after uuid,
  p_limit integer
)
returns json
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  listed record;
begin
  select * into listed
  from stepcast.listed_runs(p_tenant, p_workflow, p_statuses, p_key, p_q, p_after, p_limit);
  return json_build_object(
    'runs', (
      select coalesce(json_agg(json_build_object('run', stepcast.run_json(r), 'current', stepcast.position_of(r.id)) order by r.id desc), '[]')
      from unnest(listed.runs) wanted (id)
      join stepcast.runs r on r.id = wanted.id
    ),
    'walked', listed.walked
  );
end
$$;
