-- The lease holder's step is completed and the next one begins (or the run is completed) in one transaction; see go_on
-- for the answer. SC005: the lease is stale.
create or replace function stepcast.advance_run(p_run uuid, p_lease bigint, p_step bigint, p_output jsonb, p_settles boolean)
returns jsonb
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  run stepcast.runs := stepcast.hold_leased_run(p_run, p_lease);
begin
  -- It got on: whatever its workers died of before, it was not this.
  run.crashes := 0;
  return stepcast.go_on(stepcast.set_step(
    run,
    stepcast.hold_step_by_id(p_run, p_step),
    'completed',
    p_output
  ), p_settles);
end
$$;
