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
    'usualP95', s.usual_p95,
    'usualRuns', s.usual_runs,
    'message', s.message,
    'messages', s.messages,
    'attempt', s.attempt,
    'lastAttempt', s.attempt + s.attempts_allowed - s.failures - case when s.status = 'pending' then 0 else 1 end,
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
