-- A step as clients know it: type Step of contract.ts.
create or replace function stepcast.step_json(s stepcast.steps)
returns json
language sql
stable
as $$
  select json_build_object(
    'id', s.id,
    'parentId', s.parent_id,
    'step', s.step,
    'displayName', s.display_name,
    'displayNames', s.display_names,
    'sequence', s.sequence,
    'status', s.status,
    'progress', s.progress,
    'weight', s.weight,
    'usual', s.usual,
    'message', s.message,
    'messages', s.messages,
    'attempt', s.attempt,
    'nextAttemptAt', s.next_attempt_at,
    'error', s.error,
    'errorStack', s.error_stack,
    'metadata', s.metadata,
    'startedAt', s.started_at,
    'completedAt', s.completed_at,
    'duration', s.duration,
    'revision', s.revision
  )
$$;
