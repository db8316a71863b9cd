-- Jobs that a worker fetched and then left stay locked by it for hours. Runs that still need a job, because they were
-- not claimed yet or their onEnd is owed, get a new one; the old rows are deleted. The pool may belong to an
-- application that has jobs of its own in it.
create or replace function stepcast.requeue_jobs(p_worker stepcast.workers)
returns void
language plpgsql
security definer
set search_path = pg_catalog, graphile_worker, pg_temp
as $$
declare
  tasks constant integer[] := array(select id from _private_tasks where starts_with(identifier, 'stepcast:'));
begin
  perform stepcast.queue_run(r)
  from _private_jobs j
  join stepcast.runs r on r.id = (j.payload ->> 'run')::uuid
  where j.locked_by = p_worker.graphile_pool
    and j.task_id = any (tasks)
    and j.key is not null
    and (r.on_end_pending or (r.status in ('pending', 'running') and r.worker is null));
  delete from _private_jobs
  where locked_by = p_worker.graphile_pool
    and task_id = any (tasks)
    and payload ->> 'run' is not null;
end
$$;
