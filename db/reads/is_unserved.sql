-- Whether a run waits for a worker and no live one has its version of the workflow. A plain function, so that the
-- planner inlines it into the query of stuck_runs, which then finds the few runs without a worker by their index.
create or replace function stepcast.is_unserved(r stepcast.runs)
returns boolean
language sql
stable
as $$
  select r.status in ('pending', 'running')
    and r.driver = 'worker'
    and r.worker is null
    and r.run_at < clock_timestamp()
    and r.admission is distinct from 'parked'
    and not exists (
      select
      from stepcast.live_workers() alive
      where stepcast.task_name(r.workflow, r.workflow_version) = any (alive.serves)
    )
$$;
