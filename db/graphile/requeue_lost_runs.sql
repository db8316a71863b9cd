-- The reconciler. A run is lost if it has neither a worker nor a job that will come: there is none, its attempts are
-- used up, or it has been locked for a minute by somebody who has not claimed the run. Such a run is queued again, half
-- a minute after it last changed. Then the rows are deleted that add_job(job_key) left behind when it replaced a locked
-- job. Returns the ids of the queued runs.
create or replace function stepcast.requeue_lost_runs()
returns setof uuid
language plpgsql
security definer
set search_path = pg_catalog, graphile_worker, pg_temp
as $$
declare
  lost stepcast.runs;
begin
  for lost in
    select r.*
    from stepcast.runs r
    where r.worker is null
      and r.driver = 'worker'
      and (r.status in ('pending', 'running') or r.on_end_pending)
      and (r.admission is distinct from 'parked' or r.on_end_pending)
      and greatest(r.updated_at, r.run_at) < clock_timestamp() - interval '30 seconds'
      and not exists (
        select
        from _private_jobs j
        where j.key = r.id::text
          and j.attempts < j.max_attempts
          and (j.locked_at is null or j.locked_at > clock_timestamp() - interval '1 minute')
          -- A job that failed because of its worker waits longer and longer; only one whose onEnd throws may do so.
          and (r.on_end_pending or j.run_at <= greatest(r.run_at, clock_timestamp()) + interval '30 seconds')
      )
    order by r.id
    limit 1000
    for no key update skip locked
  loop
    perform stepcast.queue_run(lost);
    return next lost.id;
  end loop;
  delete from _private_jobs j
  where j.key is null
    and j.attempts >= j.max_attempts
    and j.payload ->> 'run' is not null
    and j.task_id in (select t.id from _private_tasks t where starts_with(t.identifier, 'stepcast:'))
    and (j.locked_at is null or j.locked_at < clock_timestamp() - interval '1 minute');
end
$$;
