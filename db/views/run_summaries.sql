-- One JSON object per run: its steps with status, duration and error, its total duration, the step that failed, when it
-- ended.
create or replace view stepcast.run_summaries with (security_invoker = true) as
select
  r.id,
  r.tenant,
  r.workflow,
  r.key,
  json_build_object(
    'id', r.id,
    'workflow', r.workflow,
    'key', r.key,
    'display_name', r.display_name,
    'status', r.status,
    'progress', r.progress,
    'total_duration', r.duration,
    'failed_step', (
      select s.step
      from stepcast.steps s
      where s.run_id = r.id
        and s.parent_id is null
        and s.status = 'failed'
      order by s.sequence
      limit 1
    ),
    'error', r.error,
    'completed_at', r.completed_at,
    'steps', (
      select coalesce(json_agg(json_build_object(
        'step', s.step,
        'display_name', s.display_name,
        'status', s.status,
        'attempt', s.attempt,
        'duration', s.duration,
        'error', s.error
      ) order by s.sequence), '[]')
      from stepcast.steps s
      where s.run_id = r.id
        and s.parent_id is null
    )
  ) as summary
from stepcast.runs r;
