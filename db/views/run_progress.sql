-- One row per run: where it is, in words and numbers. `time_left` is what its unfinished steps usually take; null if
-- too few runs have completed to say, or if the run is finished.
create or replace view stepcast.run_progress with (security_invoker = true) as
select
  r.id,
  r.tenant,
  r.workflow,
  r.key,
  r.display_name,
  r.status,
  r.progress,
  current.step as current_step,
  current.display_name as current_step_name,
  current.message,
  current.sequence as step_number,
  counted.steps as step_count,
  case when current.sequence is not null then format('step %s of %s', current.sequence, counted.steps) end as position,
  case when r.status in ('pending', 'running') then counted.time_left * interval '1 millisecond' end as time_left,
  r.started_at,
  r.updated_at,
  current.display_names as current_step_names,
  current.messages,
  current.next_attempt_at
from stepcast.runs r
cross join lateral (
  select
    count(*) as steps,
    case when bool_and(s.usual is not null or s.status in ('completed', 'skipped')) then
      sum(case
        when s.status = 'running' and s.progress > 0 then s.usual * (100 - s.progress) / 100
        when s.status = 'running' then greatest(0, s.usual - extract(epoch from clock_timestamp() - s.started_at) * 1000)
        when s.status = 'pending' then s.usual
        else 0
      end)::bigint
    end as time_left
  from stepcast.steps s
  where s.run_id = r.id
    and s.parent_id is null
) counted
left join lateral (
  select s.*
  from stepcast.steps s
  cross join lateral (select case when s.status = 'cancelled' and s.attempt = 0 then 'pending' else s.status end as stage) staged
  where s.run_id = r.id
    and s.parent_id is null
  -- The step it is at: the first that runs, else the first that failed, else the last cancelled one, else the next one,
  -- else the last. A step that was cancelled before it began is the one that would have come next.
  order by array_position('{running,failed,cancelled,pending}', stage), case when stage in ('running', 'failed', 'pending') then s.sequence else -s.sequence end
  limit 1
) current on true;
