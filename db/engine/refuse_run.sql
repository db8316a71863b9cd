-- A run whose input its workflow does not accept (any more, where it was handed over) fails before a step begins, and
-- owes its onEnd. Answers whether it was free to be refused.
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
