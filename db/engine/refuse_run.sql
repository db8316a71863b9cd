-- A run whose input its workflow does not accept (or, after a hand-over, no longer accepts) fails before a step begins,
-- and its onEnd is owed. Returns whether the run was free to be refused.
create or replace function stepcast.refuse_run(p_run uuid, p_error text)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  run stepcast.runs := stepcast.hold_run(p_run);
begin
  if run.status <> 'pending' and not (run.status = 'running' and run.worker is null) then
    return false;
  end if;
  run := stepcast.end_run(run, 'failed', null, p_error);
  run := stepcast.owe_on_end(run);
  perform stepcast.save_run(run);
  return true;
end
$$;
