-- A run as clients know it: type Run of contract.ts.
create or replace function stepcast.run_json(r stepcast.runs)
returns json
language sql
stable
as $$
  select json_build_object(
    'id', r.id,
    'workflow', r.workflow,
    'workflowVersion', r.workflow_version,
    'key', r.key,
    'displayName', r.display_name,
    'displayNames', r.display_names,
    'status', r.status,
    'progress', r.progress,
    'error', r.error,
    'errorStack', r.error_stack,
    'metadata', r.metadata,
    'revision', r.revision,
    'priority', r.priority,
    'runAt', r.run_at,
    'parkedBy', case when r.admission = 'parked' then r.concurrency_limit end,
    'createdAt', r.created_at,
    'createdBy', r.created_by,
    'startedAt', r.started_at,
    'completedAt', r.completed_at,
    'duration', r.duration,
    'updatedAt', r.updated_at
  )
$$;
