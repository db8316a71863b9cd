-- The lease holder's sub-step is completed, in the transaction of its effects. SC005: the lease is stale.
create or replace function stepcast.complete_substep(p_run uuid, p_lease bigint, p_step bigint, p_attempt integer, p_output jsonb)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
-- Overrides the lock_timeout of a handler's transaction.
set lock_timeout = 0
as $$
declare
  run stepcast.runs := stepcast.hold_leased_run(p_run, p_lease);
begin
  -- The run made progress: whatever its workers died of or met before, this run was not the cause.
  run.crashes := 0;
  run.faults := 0;
  perform stepcast.save_run(stepcast.set_step(run, stepcast.hold_attempt(p_run, p_step, p_attempt), 'completed', p_output));
end
$$;
