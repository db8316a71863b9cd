-- After a flush of declared sub-steps, or a plain update of steps: carries their progress up to their parents and runs,
-- whose rows are already held, and ends what is below those that have ended. A run goes up by a second revision in the
-- same transaction: watchers see both as one.
create or replace function stepcast.raise_runs(p_steps bigint[])
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  run stepcast.runs;
  step stepcast.steps;
begin
  for step in
    select * from stepcast.steps where id = any (p_steps) order by run_id, id
  loop
    run := stepcast.hold_run(step.run_id);
    step.revision := run.revision;
    perform stepcast.raise_parents(step);
    if step.status not in ('pending', 'running') then
      run := stepcast.end_substeps(run, step, step.error);
    end if;
    perform stepcast.save_run(run);
  end loop;
end
$$;
