-- The reconciler, at most every ten seconds among all workers. A run is lost if it has neither a worker nor a job that
-- will come: there is none, its attempts are used up, or it has been locked for a minute by somebody who has not claimed
-- the run. Such a run is queued again, half a minute after it last changed.
-- Looks at 5,000 of the runs that wait, from `p_after` on: at all of a long backlog, it would take so long each time that
-- what else its caller looks after has to wait. `place`: from where to look on, in a second; null: that were all.
-- `queued`: the ids of the queued runs.
create or replace function stepcast.requeue_lost_runs(p_after uuid, out queued uuid[], out place uuid)
language plpgsql
security definer
set search_path = pg_catalog, graphile_worker, pg_temp
as $$
declare
  lost stepcast.runs;
  first constant uuid := coalesce(p_after, '00000000-0000-0000-0000-000000000000');
begin
  queued := '{}';
  if not stepcast.take_chore('requeue', case when p_after is null then interval '10 seconds' else interval '1 second' end) then
    place := p_after;
    return;
  end if;
  select r.id into place
  from stepcast.runs r
  where r.worker is null
    and r.driver = 'worker'
    and (r.status in ('pending', 'running') or r.on_end_pending)
    and r.id > first
  order by r.id
  offset 4999
  limit 1;
  for lost in
    select r.*
    from stepcast.runs r
    where r.worker is null
      and r.driver = 'worker'
      and (r.status in ('pending', 'running') or r.on_end_pending)
      and r.id > first
      and r.id <= coalesce(place, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
      and (r.admission is distinct from 'parked' or r.on_end_pending)
      and greatest(r.updated_at, r.run_at) < clock_timestamp() - interval '30 seconds'
      and not exists (
        select
        from _private_jobs j
        where j.key = r.id::text
          and j.attempts < j.max_attempts
          and (j.locked_at is null or j.locked_at > clock_timestamp() - interval '1 minute')
          -- A job that failed because of its worker waits longer and longer; only one whose onEnd throws may do so.
          and (r.on_end_pending or j.run_at <= greatest(r.run_at, clock_timestamp()) + interval '30 seconds')
      )
    order by r.id
    limit 1000
    for no key update skip locked
  loop
    perform stepcast.queue_run(lost);
    queued := queued || lost.id;
  end loop;
  if cardinality(queued) = 1000 then
    place := lost.id;
  end if;
  perform stepcast.delete_replaced_jobs();
end
$$;
