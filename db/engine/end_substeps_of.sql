-- end_substeps for a step that is about to get its status, with a run revision of its own.
create or replace function stepcast.end_substeps_of(p_step bigint, p_status text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  step stepcast.steps;
  run stepcast.runs;
begin
  select * into step
  from stepcast.steps
  where id = p_step;
  run := stepcast.hold_run(step.run_id);
  step.status := p_status;
  run := stepcast.end_substeps(run, step, null);
  update stepcast.runs
  set revision = run.revision,
      journal_entries = run.journal_entries
  where id = run.id;
end
$$;
