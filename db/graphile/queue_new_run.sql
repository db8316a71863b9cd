-- queue_run for a run that was created in this transaction: no job of its key can be there, and its task is known. What
-- add_job would do besides (look for either, and notify) is most of its cost; Graphile is told by announce_new_runs.
create or replace function stepcast.queue_new_run(p_run stepcast.runs)
returns void
language sql
security definer
set search_path = pg_catalog, graphile_worker, pg_temp
as $$
  insert into _private_jobs (task_id, payload, run_at, max_attempts, key, priority)
  select t.id, json_build_object('run', p_run.id), p_run.run_at, 25, p_run.id::text, p_run.priority
  from _private_tasks t
  where t.identifier = stepcast.task_name(p_run.workflow, p_run.workflow_version)
$$;
