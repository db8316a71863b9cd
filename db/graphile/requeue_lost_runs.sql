-- The reconciler, at most every ten seconds among all workers. A run is lost if it has neither a worker nor a job that
-- will come: there is none, its attempts are used up, or it has been locked for a minute by somebody who has not claimed
-- the run. Such a run is queued again, half a minute after it last changed. An onEnd that is owed is called again every
-- five minutes at last: Graphile lets a job that failed for an hour wait for hours, although what was in its way may be
-- gone.
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
  most constant integer := 1000;
  tried integer := 0;
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
          and j.run_at <= greatest(r.run_at, clock_timestamp())
            + case when r.on_end_pending then interval '5 minutes' else interval '30 seconds' end
      )
    order by r.id
    limit most
    for no key update skip locked
  loop
    tried := tried + 1;
    if tried = most then
      place := lost.id;
    end if;
    -- It keeps the count of its attempts; queued again, it would be tried every few seconds again.
    update _private_jobs
    set run_at = clock_timestamp() + interval '5 minutes'
    where key = lost.id::text
      and lost.on_end_pending
      and attempts between 1 and max_attempts - 1
      and locked_at is null;
    continue when found;
    perform stepcast.queue_run(lost);
    queued := queued || lost.id;
  end loop;
  perform stepcast.delete_replaced_jobs();
end
$$;
