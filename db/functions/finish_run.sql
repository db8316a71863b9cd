-- An outside-driven run is completed. SC002: no such run. SC004: a step is still pending or running.
create or replace function stepcast.finish_run(run uuid, output jsonb default null)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  held stepcast.runs := stepcast.hold_outside_run(run);
  unfinished text := (
    select string_agg(s.step, ', ' order by s.sequence)
    from stepcast.steps s
    where s.run_id = run
      and s.parent_id is null
      and s.status in ('pending', 'running')
  );
begin
  perform stepcast.check_json(format('output of run %s', run), output);
  if unfinished is not null then
    perform stepcast.fail_with('SC004', format('run %s still has unfinished steps: %s', run, unfinished), 'Complete or skip them first.');
  end if;
  if held.status = 'pending' then
    held.status := 'running';
    held := stepcast.journal_start(held);
    perform stepcast.save_run(held);
    held := stepcast.hold_run(run);
  end if;
  perform stepcast.save_run(stepcast.end_run(held, 'completed', output));
  perform stepcast.refresh_estimates(held.tenant, held.workflow);
end
$$;
