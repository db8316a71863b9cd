-- Whether, after a step of this run fails, the steps that do not need it run to their end.
create or replace function stepcast.lets_siblings_finish(p_run stepcast.runs)
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select
    from stepcast.workflows w
    where w.name = p_run.workflow
      and w.version = p_run.workflow_version
      and w.options ->> 'onFailure' = 'finish-siblings'
      and p_run.driver = 'worker'
  )
$$;
