-- Gives the free places of a slot to the runs that are parked for it, by priority, then by their time, and queues their
-- jobs. A run whose row is held is passed over. These runs are announced here even within a batch that is announced
-- later, because the batch's worker does not know of them. That costs such a commit nothing more: Graphile is notified
-- of a job in it anyway.
create or replace function stepcast.admit_parked_runs(p_slot text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  parked stepcast.runs;
  announces_later constant text := coalesce(current_setting('stepcast.announces_later', true), '');
  -- For the first parked run; null: none is parked.
  places integer := (
    select stepcast.free_places(p_slot, first.concurrency_limit)
    from (
      select r.concurrency_limit
      from stepcast.runs r
      where r.concurrency_slot = p_slot
        and r.admission = 'parked'
        and r.status in ('pending', 'running')
      order by r.priority, r.run_at, r.id
      limit 1
    ) first
  );
begin
  -- Every worker calls this for every slot at each beat: locking rows of a full slot would write each time.
  if coalesce(places, 0) <= 0 or not stepcast.lock_slot(p_slot) then
    return;
  end if;
  -- One by one: a query for all of them would lock and sort every parked run, whatever the free places.
  loop
    select * into parked
    from stepcast.runs
    where concurrency_slot = p_slot
      and admission = 'parked'
      and status in ('pending', 'running')
    order by priority, run_at, id
    limit 1
    for no key update skip locked;
    exit when not found or stepcast.free_places(p_slot, parked.concurrency_limit) <= 0;
    perform set_config('stepcast.announces_later', '', true);
    update stepcast.runs
    set admission = 'admitted',
        revision = revision + 1
    where id = parked.id;
    perform set_config('stepcast.announces_later', announces_later, true);
    perform stepcast.queue_run(parked);
  end loop;
end
$$;
