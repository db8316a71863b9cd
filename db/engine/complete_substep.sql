-- The lease holder's sub-step is completed, in the transaction of its effects. SC005: the lease is stale.
create or replace function stepcast.complete_substep(p_run uuid, p_lease bigint, p_step bigint, p_attempt integer, p_output jsonb)
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  select stepcast.save_run(stepcast.set_step(
    stepcast.hold_leased_run(p_run, p_lease),
    stepcast.hold_attempt(p_run, p_step, p_attempt),
    'completed',
    p_output
  ))
$$;
