-- The lease holder gives a run back because of a fault below its handlers, such as a broken connection: what was running is
-- tried again in a second, here or elsewhere, and counts neither as a failure nor as a crash. Nothing where the lease is
-- stale.
create or replace function stepcast.release_run(p_worker integer, p_run uuid, p_lease bigint, p_reason text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  run stepcast.runs := stepcast.hold_run(p_run);
begin
  if run.lease <> p_lease or run.worker is distinct from p_worker then
    return;
  end if;
  run.journal_entries := stepcast.write_journal(run, 'hand over', null, run.status, run.status, p_reason);
  run := stepcast.let_go(run, null, p_reason);
  run.run_at := clock_timestamp() + interval '1 second';
  perform stepcast.save_run(run);
  perform stepcast.queue_run(run);
end
$$;
