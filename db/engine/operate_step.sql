-- What follows from a plain change of a step's status (see triggers/write_step_plainly.sql), which is an operator's
-- action. The journal says who did it. A running attempt is over, so its handler is stopped at the worker's next beat
-- and its transaction refused. The run ends with a failed or cancelled step, and continues after a completed or skipped
-- one.
create or replace function stepcast.operate_step(p_run stepcast.runs, p_old stepcast.steps, p_new stepcast.steps)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  outside boolean := p_run.driver = 'outside';
  lease_before constant bigint := p_run.lease;
  -- The reason: the step's error, else what the same update writes as its message.
  reason constant text := coalesce(p_new.error, case when p_new.message is distinct from p_old.message then p_new.message end);
begin
  if p_run.status in ('completed', 'failed', 'cancelled') or p_new.status = 'pending' then
    perform stepcast.fail_with('SC004', format('step %s cannot be set from %s to %s: its run is %s', p_old.step, p_old.status, p_new.status, p_run.status),
      case
        when p_run.status in ('completed', 'failed', 'cancelled') then 'stepcast.retry_run sets a finished run back.'
        when outside and p_new.parent_id is not null and p_old.status in ('failed', 'cancelled') then 'stepcast.begin_step begins it again.'
        else 'End the run by stepcast.cancel_run; stepcast.retry_run then sets it back, from this step where it is named.'
      end);
  end if;
  if p_new.status = 'running' then
    perform stepcast.fail_with('SC004', format('step %s cannot be started by a plain update', p_old.step),
      'A worker starts the steps of its runs; for a run of stepcast.open_run call stepcast.begin_step, which numbers the attempt.');
  end if;
  p_run.journal_entries := stepcast.write_journal(p_run, 'operate', p_new, p_old.status, p_new.status, reason);
  perform stepcast.end_attempt(p_old, p_new.status, p_new.error, p_new.error_stack);
  if p_new.status in ('failed', 'cancelled') and p_new.parent_id is null then
    p_run := stepcast.end_substeps(p_run, p_new, p_new.error);
    p_run := stepcast.end_run(p_run, p_new.status, null, p_new.error, p_new.error_stack, p_new.id);
    p_run := stepcast.owe_on_end(p_run);
  elsif outside then
    null;
  elsif p_new.parent_id is null then
    p_run := stepcast.attend_run(p_run, p_new.id);
  elsif p_old.status = 'running' then
    p_run := stepcast.let_go(p_run, p_new.id, format('%s set sub-step %s to %s', stepcast.actor(), p_new.step, p_new.status));
  end if;
  perform stepcast.save_run(p_run, p_new);
  -- Only if it changed hands: a job for an untouched run would take it from its worker.
  if p_run.lease <> lease_before and (p_run.on_end_pending or (not outside and p_run.status = 'running')) then
    perform stepcast.queue_run(p_run);
  end if;
end
$$;
