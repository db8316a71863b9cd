-- Closes the open attempt of a step, if it has one.
create or replace function stepcast.end_attempt(p_step stepcast.steps, p_status text, p_error text default null, p_error_stack text default null)
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  update stepcast.attempts
  set status = p_status,
      error = p_error,
      error_stack = p_error_stack,
      completed_at = clock_timestamp()
  where step_id = p_step.id
    and attempt = p_step.attempt
    and status = 'running'
$$;
