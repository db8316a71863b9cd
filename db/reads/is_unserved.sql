-- Whether a run waits for a worker and none of these tasks, those that the live workers serve, is of its version of the
-- workflow. Volatile and without a query, so that the planner inlines it into the query of stuck_runs, which then finds
-- the few runs without a worker by their index.
create or replace function stepcast.is_unserved(r stepcast.runs, p_served text[])
returns boolean
language sql
volatile
as $$
  select r.status in ('pending', 'running')
    and r.driver = 'worker'
    and r.worker is null
    and r.run_at < clock_timestamp()
    and r.admission is distinct from 'parked'
    and stepcast.task_name(r.workflow, r.workflow_version) <> all (p_served)
$$;
