-- How long a step whose attempt failed waits for its next one: delay × factor ^ failures so far, at most `maxDelay`,
-- less a random part of up to its `jitter`, so that attempts that failed together do not come back together. Null: it
-- has no attempt left.
create or replace function stepcast.retry_delay(p_run stepcast.runs, p_step stepcast.steps)
returns interval
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  select least(
      -- As an exponential, and beyond e ^ 60 longer than any `maxDelay`: a power could be too large to compute.
      (retry ->> 'delay')::numeric * exp(least(p_step.failures * ln((retry ->> 'factor')::numeric), 60)),
      (retry ->> 'maxDelay')::numeric
    ) * (1 - (retry ->> 'jitter')::numeric * random()::numeric) * interval '1 millisecond'
  from (select stepcast.definition_of(p_run, p_step) -> 'retry' as retry) definition
  where p_step.failures + 1 < (retry ->> 'attempts')::integer
$$;
