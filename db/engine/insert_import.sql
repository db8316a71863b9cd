-- Inserts the run of import_run.
create or replace function stepcast.insert_import(p_new stepcast.runs)
returns stepcast.runs
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  run stepcast.runs;
begin
  insert into stepcast.runs (
    id, tenant, workflow, workflow_version, key, display_name, status, progress, input, output, error, metadata, run_at,
    created_at, created_by, started_at, completed_at, duration, driver, journal_entries, work_done, work_total
  )
  values (
    p_new.id, p_new.tenant, p_new.workflow, p_new.workflow_version, p_new.key, p_new.display_name, p_new.status,
    p_new.progress, p_new.input, p_new.output, p_new.error, p_new.metadata, p_new.created_at, p_new.created_at,
    stepcast.actor(), p_new.started_at, p_new.completed_at, p_new.duration, 'outside', 1, p_new.work_done,
    p_new.work_total
  )
  returning * into run;
  return run;
end
$$;
