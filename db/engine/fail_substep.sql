-- The lease holder's sub-step failed; its step decides what that means. SC005: the lease is stale.
create or replace function stepcast.fail_substep(p_run uuid, p_lease bigint, p_step bigint, p_attempt integer, p_error text, p_error_stack text)
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  select stepcast.save_run(stepcast.set_step(
    stepcast.hold_leased_run(p_run, p_lease),
    stepcast.hold_attempt(p_run, p_step, p_attempt),
    'failed',
    null,
    p_error,
    p_error_stack
  ))
$$;
