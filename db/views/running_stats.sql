-- Where the unfinished runs are now. One row per tenant, workflow and top-level step, with how many running runs are in
-- it and since when the first of them has been there. A row whose `step` is null is for pending runs that could begin
-- now, and since when. A run counts once, in the step that run_progress calls its current one. The display name is the
-- step's own name if its runs do not agree on one.
create or replace view stepcast.running_stats with (security_invoker = true) as
select
  r.tenant,
  r.workflow,
  r.status,
  current.step,
  min(current.sequence) as sequence,
  case when min(current.display_name) = max(current.display_name) then min(current.display_name) else current.step end as display_name,
  case
    when min(current.display_names::text) = max(current.display_names::text) then min(current.display_names::text)::jsonb
  end as display_names,
  count(*) as runs,
  min(case when r.status = 'pending' then greatest(r.run_at, r.created_at) else coalesce(current.started_at, r.updated_at) end) as since
from stepcast.runs r
left join lateral (
  select s.*
  from stepcast.steps s
  cross join lateral (select case when s.status = 'cancelled' and s.attempt = 0 then 'pending' else s.status end as stage) staged
  where s.run_id = r.id
    and s.parent_id is null
    and r.status = 'running'
  order by array_position('{running,failed,cancelled,pending}', stage), case when stage in ('running', 'failed', 'pending') then s.sequence else -s.sequence end
  limit 1
) current on true
where r.status in ('pending', 'running')
  and (r.status = 'running' or r.run_at <= clock_timestamp())
group by r.tenant, r.workflow, r.status, current.step;
