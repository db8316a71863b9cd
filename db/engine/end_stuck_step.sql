-- Ends the running attempt of a held run's step in place of its worker; see end_stuck_steps.
create or replace function stepcast.end_stuck_step(p_run stepcast.runs, p_step stepcast.steps, p_reason text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  lease_before constant bigint := p_run.lease;
begin
  p_run := stepcast.settle_failure(p_run, p_step, p_reason, null, true);
  if p_run.status = 'running' then
    p_run := stepcast.attend_run(p_run);
  else
    p_run := stepcast.owe_on_end(p_run);
  end if;
  perform stepcast.save_run(p_run);
  if p_run.lease <> lease_before and (p_run.on_end_pending or p_run.status = 'running') then
    perform stepcast.queue_run(p_run);
  end if;
end
$$;
