-- Takes one run from a worker that is leaving or dead and queues it again. A run that was blamed for the death of five
-- workers is taken for the cause: it fails with a clear error instead of killing the next one.
create or replace function stepcast.hand_over_run(p_run uuid, p_worker stepcast.workers, p_crashed boolean, p_blamed boolean default true, p_reason text default null)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  crashes_allowed constant integer := 5;
  run stepcast.runs := stepcast.hold_run(p_run);
  reason text := coalesce(p_reason, format(case when p_crashed then 'worker %s died' else 'worker %s was stopped' end, p_worker.name));
begin
  if run.worker is distinct from p_worker.id then
    return;
  end if;
  run.crashes := run.crashes + (p_crashed and p_blamed)::integer;
  run.journal_entries := stepcast.write_journal(run, case when p_crashed then 'take over' else 'hand over' end, null, run.status, run.status, reason);
  run := stepcast.let_go(run, null, reason);
  if run.crashes >= crashes_allowed then
    run := stepcast.end_run(run, 'failed', null, format('%s workers died while running this; the last was %s', run.crashes, p_worker.name));
    run := stepcast.owe_on_end(run);
  end if;
  perform stepcast.save_run(run);
  if run.on_end_pending or run.status = 'running' then
    perform stepcast.queue_run(run);
  end if;
end
$$;
