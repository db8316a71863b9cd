-- What a failed attempt leads to, in the record of a held run, which the caller saves. If the step has another attempt,
-- it waits for it (`p_retryable` false: this error is not to be tried again). Else the step has failed, and the run
-- ends with it unless the workflow lets the other steps finish.
create or replace function stepcast.settle_failure(
  p_run stepcast.runs,
  p_step stepcast.steps,
  p_error text,
  p_error_stack text,
  p_retryable boolean
)
returns stepcast.runs
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  delay constant interval := case when p_retryable then stepcast.retry_delay(p_run, p_step) end;
begin
  if delay is not null then
    return stepcast.await_retry(p_run, p_step, delay, p_error, p_error_stack);
  end if;
  p_run := stepcast.set_step(p_run, p_step, 'failed', null, p_error, p_error_stack);
  if stepcast.lets_siblings_finish(p_run) then
    return p_run;
  end if;
  return stepcast.end_run(p_run, 'failed', null, p_error, p_error_stack);
end
$$;
