-- The newest runs before a run that a search finds, newest first, of a workflow (null: any) in some statuses. No search
-- reads more than some thousand index entries: if many keys match, only the next 1,000 runs are looked through, and
-- `walked` is the last of these: continue after it. Null: these are all there are.
create or replace function stepcast.search_runs(
  p_tenant text,
  p_workflow text,
  p_statuses text[],
  p_q text,
  p_before uuid,
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
  workflows constant text[] := case when p_workflow is not null then array[p_workflow] end;
  digits constant text := replace(lower(p_q), '-', '');
  named constant text[] := array(
    select name
    from unnest(stepcast.workflows_beginning(p_tenant, p_q)) name
    where p_workflow is null
      or name = p_workflow
  );
  keyed uuid[] := array(
    select r.id
    from stepcast.runs r
    where r.tenant = p_tenant
      and r.key collate "C" >= p_q
      and r.key collate "C" < p_q || chr(1114111)
      and r.key is not null
    limit most + 1
  );
begin
  if cardinality(keyed) <= most then
    runs := array(
      select r.id
      from unnest(keyed) of_key (id)
      join stepcast.runs r on r.id = of_key.id
      where r.id < p_before
        and r.status = any (p_statuses)
        and (p_workflow is null or r.workflow = p_workflow)
      union
      select id
      from stepcast.newest_of(p_tenant, named, p_statuses, p_before, last, p_limit) id
      union
      select id
      from stepcast.newest_of(p_tenant, workflows, p_statuses, p_before, rpad(digits, 32, 'f')::uuid, p_limit) id
      where digits ~ '^[0-9a-f]{1,32}$'
        and starts_with(id::text, lower(p_q))
      order by 1 desc
      limit p_limit
    );
    return;
  end if;
  keyed := array(select id from stepcast.newest_of(p_tenant, workflows, p_statuses, p_before, last, most) id);
  runs := array(
    select r.id
    from unnest(keyed) of_key (id)
    join stepcast.runs r on r.id = of_key.id
    where stepcast.run_matches(p_q, r.id, r.key, r.workflow)
    order by r.id desc
    limit p_limit
  );
  walked := keyed[most];
end
$$;
