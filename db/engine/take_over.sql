-- Finds workers that are dead, ends what is left of their connections (a stopped process may hold row locks inside a
-- transaction) and takes over what they held: runs get a new lease and a new job, and so do runs of which they had only
-- fetched the job. A row that somebody else has locked waits for the next time, and so does its worker's row: nothing
-- here waits for anybody. One process does it for all, once a second. Returns the names of the dead that are done with.
create or replace function stepcast.take_over()
returns setof text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  dead stepcast.workers;
begin
  if not stepcast.take_chore('take over', '400 milliseconds') then
    return;
  end if;
  for dead in
    select *
    from stepcast.workers w
    where w.id not in (select alive.id from stepcast.live_workers() alive)
    order by w.id
    for update skip locked
  loop
    perform stepcast.end_sessions(dead.application_name);
    if stepcast.hand_over_runs(dead, true) then
      perform stepcast.requeue_jobs(dead);
      delete from stepcast.workers where id = dead.id;
      return next dead.name;
    end if;
  end loop;
end
$$;
