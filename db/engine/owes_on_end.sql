-- Whether somebody else than its worker, who ends a run, leaves the workflow's onEnd to be run.
create or replace function stepcast.owes_on_end(p_run stepcast.runs)
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select p_run.driver = 'worker' and exists (
    select
    from stepcast.workflows w
    where w.name = p_run.workflow
      and w.version = p_run.workflow_version
      and (w.options ->> 'onEnd')::boolean
  )
$$;
