-- If the database says that a run is this worker's, but the worker has not driven it for ten seconds, the worker has
-- lost it: it is handed over. `p_runs` are the runs that it drives.
create or replace function stepcast.hand_over_lost_runs(p_worker integer, p_runs uuid[])
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '1ms'
as $$
declare
  itself stepcast.workers;
  lost uuid;
begin
  select * into itself
  from stepcast.workers
  where id = p_worker;
  for lost in
    select r.id
    from stepcast.runs r
    where r.worker = p_worker
      and r.id <> all (p_runs)
      and r.updated_at < clock_timestamp() - interval '10 seconds'
    order by r.id
    for no key update skip locked
  loop
    begin
      perform stepcast.hand_over_run(lost, itself, false, p_reason => format('worker %s had lost it', itself.name));
    exception
      -- Somebody holds one of its steps.
      when lock_not_available or deadlock_detected then null;
    end;
  end loop;
end
$$;
