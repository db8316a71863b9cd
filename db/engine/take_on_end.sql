-- A run that ended without its worker (cancelled, or failed by an operator or the poison limit) still owes its onEnd.
-- Hands it to the caller, whose transaction must run it; no row: nothing is owed.
create or replace function stepcast.take_on_end(p_run uuid)
returns table (status text, error text, input jsonb, run jsonb)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  held stepcast.runs := stepcast.hold_run(p_run);
begin
  if not held.on_end_pending then
    return;
  end if;
  held.on_end_pending := false;
  perform stepcast.save_run(held);
  return query select held.status, held.error, held.input, stepcast.run_info(held);
end
$$;
