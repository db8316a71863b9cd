-- The lease holder's step failed for good, and the run with it. SC005: the lease is stale.
create or replace function stepcast.break_run(p_run uuid, p_lease bigint, p_step bigint, p_error text, p_error_stack text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  run stepcast.runs := stepcast.hold_leased_run(p_run, p_lease);
begin
  run := stepcast.set_step(run, stepcast.hold_step_by_id(p_run, p_step), 'failed', null, p_error, p_error_stack);
  perform stepcast.save_run(stepcast.end_run(run, 'failed', null, p_error, p_error_stack));
end
$$;
