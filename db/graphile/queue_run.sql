-- Queues the Graphile job that drives a run. Its key is the run's id. If a job with that key is still locked by a dead
-- or stale worker, this adds a new row, so whatever that worker does at its end touches only its own row.
create or replace function stepcast.queue_run(p_run stepcast.runs)
returns void
language sql
security definer
set search_path = pg_catalog, graphile_worker, pg_temp
as $$
  select add_job(
    identifier => stepcast.task_name(p_run.workflow, p_run.workflow_version),
    payload => json_build_object('run', p_run.id),
    job_key => p_run.id::text,
    run_at => p_run.run_at,
    priority => p_run.priority
  )
$$;
