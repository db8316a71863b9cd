-- One row per run: where it is, in words and numbers. `time_left` is what its unfinished steps usually take, less what
-- the running ones have taken so far; a step that reports its progress is half judged by that. Pages say the same: see
-- client/estimate.ts. Null if too few runs have completed to say, or if the run is finished.
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
    case when bool_and(needed.time is not null) then sum(needed.time)::bigint end as time_left
  from stepcast.steps s
  cross join lateral (select greatest(0, extract(epoch from clock_timestamp() - s.started_at) * 1000) as time) spent
  cross join lateral (
    select
      case when s.progress >= 10 then spent.time * (100 - s.progress) / s.progress end as by_progress,
      case when s.usual > spent.time then s.usual - spent.time when s.usual is not null then 0 end as by_habit
  ) guess
  cross join lateral (
    select case s.status
      when 'pending' then s.usual
      when 'running' then coalesce((guess.by_progress + guess.by_habit) / 2, guess.by_progress, guess.by_habit)
      else 0
    end as time
  ) needed
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
