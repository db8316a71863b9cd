-- After a flush of declared sub-steps: carries their progress up to their parents and runs, whose rows are held
-- already. A run goes up a second revision, in the same transaction: watchers see both as one.
create or replace function stepcast.raise_runs(p_substeps bigint[])
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  run stepcast.runs;
  substep stepcast.steps;
begin
  for substep in
    select * from stepcast.steps where id = any (p_substeps) order by run_id, id
  loop
    run := stepcast.hold_run(substep.run_id);
    substep.revision := run.revision;
    perform stepcast.raise_parents(substep);
    perform stepcast.save_run(run);
  end loop;
end
$$;
