-- Which runs a list holds, newest first: those of a tenant, before a run, of a workflow, in some statuses, under a key,
-- matching a search, as far as these are not null. `walked`: as in search_runs.sql; under one key, too, only the next
-- 1,000 runs are looked through.
create or replace function stepcast.listed_runs(
  p_tenant text,
  p_workflow text,
  p_statuses text[],
  p_key text,
  p_q text,
  p_after uuid,
  p_limit integer,
  out runs uuid[],
  out walked uuid
)
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
  most constant integer := 1000;
  last constant uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
  before constant uuid := coalesce(p_after, last);
  statuses constant text[] := coalesce(p_statuses, '{pending,running,completed,failed,cancelled}');
  keyed uuid[];
begin
  if p_key is not null then
    keyed := array(
      select r.id
      from stepcast.runs r
      where r.tenant = p_tenant
        and r.key collate "C" = p_key
        and r.key is not null
        and r.id < before
      order by r.id desc
      limit most
    );
    runs := array(
      select r.id
      from unnest(keyed) of_key (id)
      join stepcast.runs r on r.id = of_key.id
      where r.status = any (statuses)
        and (p_workflow is null or r.workflow = p_workflow)
        and (p_q is null or stepcast.run_matches(p_q, r.id, r.key, r.workflow))
      order by r.id desc
      limit p_limit
    );
    walked := keyed[most];
  elsif p_q is not null then
    select searched.runs, searched.walked into runs, walked
    from stepcast.search_runs(p_tenant, p_workflow, statuses, p_q, before, p_limit) searched;
  else
    runs := array(
      select id
      from stepcast.newest_of(p_tenant, case when p_workflow is not null then array[p_workflow] end, statuses, before, last, p_limit) id
    );
  end if;
end
$$;
