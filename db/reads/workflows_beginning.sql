-- The workflows of a tenant's runs whose names begin with `p_q`: one index lookup for each workflow there is, not for
-- each run.
create or replace function stepcast.workflows_beginning(p_tenant text, p_q text)
returns text[]
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
  with recursive named (workflow) as (
    (
      select r.workflow
      from stepcast.runs r
      where r.tenant = p_tenant
      order by r.workflow
      limit 1
    )
    union all
    select (
      select r.workflow
      from stepcast.runs r
      where r.tenant = p_tenant
        and r.workflow > before.workflow
      order by r.workflow
      limit 1
    )
    from named before
    where before.workflow is not null
  )
  select coalesce(array_agg(named.workflow), '{}')
  from named
  where starts_with(named.workflow, p_q)
$$;
