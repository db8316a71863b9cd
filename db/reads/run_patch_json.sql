-- What of a run can change while it goes on: the `run` of type Patch of contract.ts.
create or replace function stepcast.run_patch_json(r stepcast.runs)
returns json
language sql
stable
as $$
  select json_build_object(
    'id', r.id,
    'displayName', r.display_name,
    'displayNames', r.display_names,
    'status', r.status,
    'progress', r.progress,
    'error', r.error,
    'errorStack', r.error_stack,
    'metadata', r.metadata,
    'revision', r.revision,
    'runAt', r.run_at,
    'parkedBy', case when r.admission = 'parked' then r.concurrency_limit end,
    'startedAt', r.started_at,
    'completedAt', r.completed_at,
    'duration', r.duration,
    'updatedAt', r.updated_at
  )
$$;
