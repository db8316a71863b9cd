-- Inserts runs with all their steps. They are of one workflow, and complete as wanted_run and its callers left them:
-- looking up the workflow, and the fixed cost of a statement however few rows it has, are paid once for all of them.
create or replace function stepcast.create_runs(
  p_new stepcast.runs[],
  p_display_name text,
  p_display_names jsonb,
  p_steps jsonb
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
begin
  insert into stepcast.runs (
    id, tenant, workflow, workflow_version, key, display_name, display_names, input, metadata, priority, run_at,
    driver, deadline_after, deadline, concurrency_slot, concurrency_limit, admission, created_by, work_total,
    journal_entries, traceparent, tracestate
  )
  select
    n.id,
    n.tenant,
    n.workflow,
    n.workflow_version,
    n.key,
    coalesce(nullif(btrim(stepcast.fill_in(p_display_name, n.input)), ''), stepcast.title(n.workflow)),
    stepcast.fill_in_all(p_display_names, n.input),
    n.input,
    n.metadata,
    n.priority,
    n.run_at,
    n.driver,
    n.deadline_after,
    case when n.driver = 'outside' then clock_timestamp() + n.deadline_after end,
    n.concurrency_slot,
    n.concurrency_limit,
    case when n.concurrency_slot is not null then 'queued' end,
    n.created_by,
    0,
    1,
    n.traceparent,
    n.tracestate
  from unnest(p_new) n;
  perform stepcast.insert_steps(p_new, p_steps);
  -- The counter was inserted as 1 above, so that creating a run announces once.
  insert into stepcast.journal (run_id, tenant, entry, actor, action, to_status)
  select n.id, n.tenant, 1, n.created_by, 'create', 'pending'
  from unnest(p_new) n;
end
$$;
