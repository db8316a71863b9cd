-- queue_run for runs that were created in this transaction: no job with their keys can exist yet, and their task is
-- known. The rest of what add_job does (looking up both, and notifying) is most of its cost; announce_jobs notifies
-- Graphile.
-- Graphile's own cleanup deletes tasks that have no jobs. A run that got no job because its task was missing is queued
-- by queue_run, which adds the task again.
create or replace function stepcast.queue_new_runs(p_runs stepcast.runs[])
returns void
language plpgsql
security definer
set search_path = pg_catalog, graphile_worker, pg_temp
as $$
declare
  queued bigint;
begin
  insert into _private_jobs (task_id, payload, run_at, max_attempts, key, priority)
  select t.id, json_build_object('run', r.id), r.run_at, 25, r.id::text, r.priority
  from unnest(p_runs) r
  join _private_tasks t on t.identifier = stepcast.task_name(r.workflow, r.workflow_version);
  get diagnostics queued = row_count;
  if queued < cardinality(p_runs) then
    perform stepcast.queue_run(r)
    from unnest(p_runs) r
    where not exists (
      select
      from _private_jobs j
      where j.key = r.id::text
    );
  end if;
end
$$;
