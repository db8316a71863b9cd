-- The lease holder gives a run back because of a fault below its handlers, such as a broken connection. What was
-- running is tried again, here or elsewhere, and counts neither as a failure nor as a crash: after one second, then
-- two, four, and at last every five minutes. After twenty in a row without progress, about an hour, the run fails:
-- returns true. If the lease is stale, it does nothing.
create or replace function stepcast.release_run(p_worker integer, p_run uuid, p_lease bigint, p_reason text)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  faults_allowed constant integer := 20;
  run stepcast.runs := stepcast.hold_run(p_run);
begin
  if run.lease <> p_lease or run.worker is distinct from p_worker then
    return false;
  end if;
  run.journal_entries := stepcast.write_journal(run, 'hand over', null, run.status, run.status, p_reason);
  run := stepcast.let_go(run, null, p_reason);
  run.faults := run.faults + 1;
  run.run_at := clock_timestamp() + least(power(2, run.faults - 1), 300) * interval '1 second';
  if run.faults >= faults_allowed then
    run := stepcast.end_run(run, 'failed', null, format('given back %s times in a row; the last time: %s', run.faults, p_reason));
    run := stepcast.owe_on_end(run);
  end if;
  perform stepcast.save_run(run);
  if run.on_end_pending or run.status = 'running' then
    perform stepcast.queue_run(run);
  end if;
  return run.status = 'failed';
end
$$;
