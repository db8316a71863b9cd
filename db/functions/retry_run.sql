-- Sets a finished run back to pending: from the step that failed, or from a named one and all that need it. Other
-- completed steps keep their results, and so do completed sub-steps unless their step was named; attempt numbers
-- continue.
-- SC002, SC003: no such run, step. SC004: it is not finished; it is completed and no step is named; its key has a newer
-- run.
create or replace function stepcast.retry_run(run uuid, from_step text default null)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  held stepcast.runs;
  named stepcast.steps;
  step stepcast.steps;
  violated text;
begin
  perform stepcast.check_run(run);
  held := stepcast.hold_run(run);
  if held.status not in ('failed', 'cancelled') and not (held.status = 'completed' and from_step is not null) then
    perform stepcast.fail_with('SC004', format('run %s cannot be retried: it is %s', run, held.status),
      case held.status when 'completed' then 'Name the step to run it again from.' else 'Cancel it first, or wait for its end.' end);
  end if;
  -- After the row, in the same order as a transaction that cancels a run and then starts its key again.
  if held.key is not null then
    perform stepcast.lock_key(held.tenant, held.workflow, held.key);
  end if;
  if exists (
    select from stepcast.runs r
    where r.tenant = held.tenant
      and r.workflow = held.workflow
      and r.key = held.key
      and r.id > held.id
  ) then
    perform stepcast.fail_with('SC004', format('run %s cannot be retried: there is a newer run under key %s', run, held.key), 'Retry the newest one.');
  end if;
  if from_step is not null then
    named := stepcast.hold_step(held, from_step);
  end if;
  held.journal_entries := stepcast.write_journal(held, 'retry', named);
  for step in
    select *
    from stepcast.steps_to_retry(run, named)
  loop
    held.journal_entries := stepcast.write_journal(held, 'status', step, step.status, 'pending');
    perform stepcast.reset_step(held, step, true);
  end loop;
  held.journal_entries := stepcast.write_journal(held, 'status', null, held.status, 'pending');
  perform stepcast.reset_run(held);
exception
  -- Above read committed, a transaction does not see runs that were started since it began.
  when unique_violation then
    get stacked diagnostics violated = constraint_name;
    if violated <> 'one_unfinished_run_a_key' then
      raise;
    end if;
    perform stepcast.fail_with('SC004', format('run %s cannot be retried: there is a newer run under key %s', run, held.key), 'Retry the newest one.');
end
$$;
