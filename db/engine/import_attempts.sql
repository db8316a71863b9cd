-- The attempts of an imported step: those of a list; or, given a number, the last one, which is all that is known.
create or replace function stepcast.import_attempts(p_step stepcast.steps, p_attempts jsonb)
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  insert into stepcast.attempts (step_id, run_id, tenant, attempt, worker, status, error, started_at, completed_at)
  select
    p_step.id,
    p_step.run_id,
    p_step.tenant,
    a.attempt,
    a.definition ->> 'worker',
    a.definition ->> 'status',
    nullif(a.definition ->> 'error', ''),
    (a.definition ->> 'started_at')::timestamptz,
    (a.definition ->> 'completed_at')::timestamptz
  from jsonb_array_elements(case jsonb_typeof(p_attempts) when 'array' then p_attempts else '[]' end) with ordinality a (definition, attempt)
  union all
  select p_step.id, p_step.run_id, p_step.tenant, p_step.attempt, null, p_step.status, p_step.error, p_step.started_at, p_step.completed_at
  where jsonb_typeof(p_attempts) = 'number'
    and p_step.attempt > 0
    and p_step.started_at is not null
$$;
