-- The watchdog: it ends an attempt that is stuck, which uses up the step's retries and then fails the step; an
-- outside-driven run fails. The journal records it. The worker stops the handler at its next beat. Returns the ids of
-- the runs.
create or replace function stepcast.end_stuck_steps()
returns setof uuid
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '1ms'
-- A reason with an interval in it reads the same whatever the role or the database prefers.
set intervalstyle = 'postgres'
as $$
declare
  found_one record;
  run stepcast.runs;
  step stepcast.steps;
  reason text;
begin
  for found_one in
    select *
    from stepcast.stuck_steps()
  loop
    perform from stepcast.runs where id = found_one.run_id for no key update skip locked;
    continue when not found;
    begin
      run := stepcast.hold_run(found_one.run_id);
      step := stepcast.hold_step_by_id(run.id, found_one.step_id);
      continue when step.status <> 'running' or step.updated_at > found_one.since or run.status <> 'running';
      reason := format('stuck: no change and no log line for %s', found_one.stuck_after * interval '1 millisecond');
      run.journal_entries := stepcast.write_journal(run, 'stuck', step, null, null, reason);
      if run.driver = 'outside' then
        perform stepcast.fail_run(run, reason);
      else
        perform stepcast.end_stuck_step(run, step, reason);
      end if;
      return next run.id;
    exception
      -- Somebody holds one of its steps: try next time. Waiting for each would keep all others waiting.
      when lock_not_available or deadlock_detected then null;
      -- Whatever is wrong with one run, the runs of all other tenants are checked.
      when others then raise warning 'step % of run % is stuck and cannot be ended: %', found_one.step, found_one.run_id, sqlerrm;
    end;
  end loop;
end
$$;
