-- What became of an attempt whose end was written in a transaction of unknown outcome. Waits for that transaction's
-- end, then returns what advance_runs returns, with every attempt that is running now as `began`. `over`: the attempt
-- did end, in that transaction or by somebody else. `done`: nothing was written, it is still running. `fenced`: the
-- lease is stale.
create or replace function stepcast.resume_run(p_worker integer, p_run uuid, p_lease bigint, p_step bigint, p_attempt integer)
returns table (place integer, outcome text, lease bigint, revision bigint, status text, began jsonb, unfinished integer, wake_ms bigint, claim jsonb)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  run stepcast.runs := stepcast.hold_run(p_run);
begin
  return query
    select
      1,
      case
        when exists (
          select
          from stepcast.attempts a
          where a.step_id = p_step
            and a.attempt = p_attempt
            and a.status in ('completed', 'skipped')
        ) then 'over'
        when run.lease <> p_lease or run.worker is distinct from p_worker then 'fenced'
        else 'done'
      end,
      run.lease,
      run.revision - 1,
      run.status,
      jsonb_agg(jsonb_build_object('id', s.id, 'step', s.step, 'attempt', s.attempt) order by s.sequence)
        filter (where s.status = 'running' and run.worker = p_worker and run.lease = p_lease),
      (count(*) filter (where s.status in ('pending', 'running')))::integer,
      case when min(s.next_attempt_at) is not null then greatest(0, extract(epoch from min(s.next_attempt_at) - clock_timestamp()) * 1000)::bigint end,
      null::jsonb
    from stepcast.steps s
    where s.run_id = p_run
      and s.parent_id is null;
end
$$;
