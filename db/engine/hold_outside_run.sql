-- hold_own_run for a step function: SC004 if a worker drives the run, or if it is finished.
create or replace function stepcast.hold_outside_run(p_run uuid)
returns stepcast.runs
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  run stepcast.runs;
begin
  run := stepcast.hold_own_run(p_run);
  if run.driver <> 'outside' then
    perform stepcast.fail_with('SC004', format('run %s is driven by a worker', p_run),
      'The step functions are for runs made by stepcast.open_run; to act on this one use cancel_run, retry_run or a plain update of stepcast.steps.');
  end if;
  if run.status in ('completed', 'failed', 'cancelled') then
    perform stepcast.fail_with('SC004', format('run %s is %s', p_run, run.status), 'stepcast.retry_run sets a finished run back.');
  end if;
  return run;
end
$$;
