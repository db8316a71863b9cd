-- end_substeps for steps that advance_runs has skipped together with what they need, with the revision that it is about
-- to give their runs; advance_runs counts their journal entries itself. Nothing in them is running: they had not begun.
create or replace function stepcast.skip_substeps(p_steps bigint[])
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  step stepcast.steps;
  run stepcast.runs;
begin
  for step in
    select *
    from stepcast.steps s
    where s.id = any (p_steps)
      and exists (
        select
        from stepcast.steps c
        where c.parent_id = s.id
          and c.status = 'pending'
      )
    order by s.id
  loop
    select * into run
    from stepcast.runs r
    where r.id = step.run_id;
    run.revision := step.revision;
    run.journal_entries := (select max(j.entry) from stepcast.journal j where j.run_id = run.id);
    perform stepcast.end_substeps(run, step, step.message);
  end loop;
end
$$;
