-- How the workflow defines a step of a run: {step, needs, retry, timeout, stuckAfter, …}; null if it is not a step of a
-- registered workflow.
create or replace function stepcast.definition_of(p_run stepcast.runs, p_step stepcast.steps)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select w.steps -> (p_step.sequence - 1)
  from stepcast.workflows w
  where w.name = p_run.workflow
    and w.version = p_run.workflow_version
    and p_run.driver = 'worker'
    and p_step.parent_id is null
$$;
