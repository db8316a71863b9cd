-- Appends one entry under the held run's lock and returns its number, which the caller stores in run.journal_entries:
-- numbers are dense per run and in commit order. `p_step` is null for the run itself.
create or replace function stepcast.write_journal(
  p_run stepcast.runs,
  p_action text,
  p_step stepcast.steps default null,
  p_from text default null,
  p_to text default null,
  p_reason text default null
)
returns integer
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  insert into stepcast.journal (run_id, tenant, entry, actor, action, step_id, step, attempt, from_status, to_status, reason)
  values (
    p_run.id,
    p_run.tenant,
    p_run.journal_entries + 1,
    stepcast.actor(),
    p_action,
    p_step.id,
    p_step.step,
    p_step.attempt,
    p_from,
    p_to,
    p_reason
  )
  returning entry
$$;
