-- Cancels a run that is not finished: its unfinished steps are cancelled, its worker is fenced at once. SC002: no such
-- run. SC004: it is finished.
create or replace function stepcast.cancel_run(run uuid, reason text default null)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  held stepcast.runs := stepcast.hold_own_run(run);
  unfinished stepcast.steps;
begin
  reason := nullif(reason, '');
  perform stepcast.check_text('reason', reason);
  if held.status in ('completed', 'failed', 'cancelled') then
    perform stepcast.fail_with('SC004', format('run %s cannot be cancelled: it is %s', run, held.status), 'Only a pending or running run can be cancelled.');
  end if;
  held.journal_entries := stepcast.write_journal(held, 'cancel', null, null, null, reason);
  for unfinished in
    select *
    from stepcast.steps s
    where s.run_id = run
      and s.parent_id is null
      and s.status in ('pending', 'running')
    order by s.id
    for no key update
  loop
    held := stepcast.set_step(held, unfinished, 'cancelled', null, reason);
  end loop;
  held := stepcast.end_run(held, 'cancelled', null, reason);
  held := stepcast.owe_on_end(held);
  perform stepcast.save_run(held);
  if held.on_end_pending then
    perform stepcast.queue_run(held);
  end if;
end
$$;
