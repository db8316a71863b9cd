-- The lease holder's attempt of a step failed: see settle_failure for what that leads to. Returns what advance_runs
-- returns. SC004: the attempt is over. SC005: the lease is stale.
create or replace function stepcast.fail_attempt(
  p_worker integer,
  p_run uuid,
  p_lease bigint,
  p_step bigint,
  p_attempt integer,
  p_error text,
  p_error_stack text,
  p_retryable boolean,
  p_settles boolean
)
returns table (place integer, outcome text, lease bigint, revision bigint, status text, began jsonb, unfinished integer, wake_ms bigint, claim jsonb)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  run stepcast.runs := stepcast.hold_leased_run(p_run, p_lease);
begin
  run := stepcast.settle_failure(run, stepcast.hold_attempt(p_run, p_step, p_attempt), p_error, p_error_stack, p_retryable);
  run.on_end_pending := run.status = 'failed' and not p_settles;
  perform stepcast.save_run(run);
  if run.status = 'failed' then
    return query select 1, 'done', run.lease, run.revision, run.status, null::jsonb, 0, null::bigint, null::jsonb;
  else
    return query select * from stepcast.advance_runs(p_worker, array[p_run], array[p_lease], array[null::bigint], array[null::integer],
      array[null::text], array[null::jsonb], array[null::text], array[p_settles], true);
  end if;
end
$$;
