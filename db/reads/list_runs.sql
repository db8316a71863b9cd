-- A page of runs, newest first, each `{run, current}` of types Run and Position in contract.ts: `{runs, walked,
-- heavy}`. `p_after` is where the previous page ended. A non-null `walked` is where this page ended although it is not
-- full. `heavy`: it ended because what it holds is already over 2 MiB, since a run's metadata may take a quarter of a
-- MiB. For what the filters mean see listed_runs.sql.
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
set jit = off
as $$
declare
  heaviest constant integer := 2 * 1048576;
  listed record;
  page record;
begin
  select * into listed
  from stepcast.listed_runs(p_tenant, p_workflow, p_statuses, p_key, p_q, p_after, p_limit);
  select coalesce(json_agg(item order by id desc), '[]') as runs, (array_agg(id order by id))[1] as last, count(*) as runs_shown
  into page
  from (
    select items.id, items.item, sum(octet_length(items.item::text)) over (order by items.id desc) - octet_length(items.item::text) as before
    from (
      select r.id, json_build_object('run', row_to_json(shown_run), 'current', stepcast.position_of(r.id)) as item
      from unnest(listed.runs) wanted (id)
      join stepcast.runs r on r.id = wanted.id
      cross join lateral stepcast.shown_run(r)
      order by r.id desc
    ) items
  ) weighed
  where before < heaviest;
  if page.runs_shown < cardinality(listed.runs) then
    return json_build_object('runs', page.runs, 'walked', page.last, 'heavy', true);
  end if;
  return json_build_object('runs', page.runs, 'walked', listed.walked, 'heavy', false);
end
$$;
