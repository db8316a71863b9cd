-- An attempt of a step failed and the step waits for its next one: it is pending, with the time of that attempt. Its
-- running sub-steps failed with the attempt, the completed ones are remembered. The caller saves the run.
create or replace function stepcast.await_retry(
  p_run stepcast.runs,
  p_step stepcast.steps,
  p_delay interval,
  p_error text,
  p_error_stack text
)
returns stepcast.runs
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  failed stepcast.steps := p_step;
begin
  failed.status := 'failed';
  p_run := stepcast.end_substeps(p_run, failed, p_error);
  update stepcast.steps
  set status = 'pending',
      failures = failures + 1,
      next_attempt_at = clock_timestamp() + p_delay,
      error = p_error,
      error_stack = p_error_stack,
      revision = p_run.revision,
      updated_at = clock_timestamp()
  where id = p_step.id;
  perform stepcast.end_attempt(p_step, 'failed', p_error, p_error_stack);
  p_run.journal_entries := stepcast.write_journal(p_run, 'status', p_step, 'running', 'pending', p_error);
  return p_run;
end
$$;
