-- A run whose input its workflow does not accept fails before its first step, and owes its onEnd. Answers whether it
-- was still pending.
create or replace function stepcast.refuse_run(p_run uuid, p_error text)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  run stepcast.runs := stepcast.hold_run(p_run);
begin
  if run.status <> 'pending' then
    return false;
  end if;
  run := stepcast.end_run(run, 'failed', null, p_error);
  run.on_end_pending := true;
  perform stepcast.save_run(run);
  return true;
end
$$;
