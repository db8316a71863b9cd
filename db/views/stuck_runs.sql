-- Runs that make no progress, or whose onEnd has not been run: why, and since when. One row per reason. What the
-- watchdog and the takeover handle by themselves is listed here until they have done so. `why` says in English what
-- `reason` names.
create or replace view stepcast.stuck_runs with (security_invoker = true) as
-- Asked once: who is alive is read from the locks of the whole cluster.
with alive as materialized (
  select w.id, w.serves
  from stepcast.live_workers() w
)
select
  r.id,
  r.tenant,
  r.workflow,
  r.key,
  r.display_name,
  r.status,
  stuck.step,
  stuck.why,
  stuck.since,
  stuck.reason,
  r.display_names
from stepcast.runs r
cross join lateral (
  select
    null as step,
    case
      when not exists (select from alive) then 'no worker is alive'
      else format('no live worker has version %s of workflow %s', r.workflow_version, r.workflow)
    end as why,
    greatest(r.run_at, r.updated_at) as since,
    case when exists (select from alive) then 'no-version' else 'no-worker' end as reason
  where stepcast.is_unserved(r, array(select unnest(alive.serves) from alive))
  union all
  select
    null,
    format('its worker %s is dead and no other has taken it over', coalesce((select w.name from stepcast.workers w where w.id = r.worker), r.worker::text)),
    coalesce((select w.beat_at from stepcast.workers w where w.id = r.worker), r.updated_at),
    'dead-worker'
  where r.worker is not null
    and r.worker not in (select alive.id from alive)
  union all
  select
    null,
    format('nothing was heard of it for %s', r.deadline_after),
    r.deadline,
    'silent'
  where r.driver = 'outside'
    and r.deadline < clock_timestamp()
  union all
  select
    null,
    format('it was given back %s times in a row for faults below its handlers, which its journal names', r.faults),
    r.updated_at,
    'given-back'
  where r.faults >= 5
) stuck
where r.status in ('pending', 'running')
union all
select
  r.id,
  r.tenant,
  r.workflow,
  r.key,
  r.display_name,
  r.status,
  s.step,
  format('step %s shows no change and no log line', s.step),
  s.since,
  'no-change',
  r.display_names
from stepcast.stuck_steps() s
join stepcast.runs r on r.id = s.run_id
union all
select
  r.id,
  r.tenant,
  r.workflow,
  r.key,
  r.display_name,
  r.status,
  null,
  'it has ended, but its onEnd has not been run yet',
  r.completed_at,
  'no-on-end',
  r.display_names
from stepcast.runs r
where r.on_end_pending
  -- True of every such run: by this, the few are found by their index.
  and r.worker is null
  and r.driver = 'worker'
  and r.completed_at < clock_timestamp() - interval '1 minute';
