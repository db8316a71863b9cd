-- Finds dead workers, ends what is left of their connections (a stopped process may hold row locks inside a
-- transaction) and takes over what they held: runs get a new lease and a new job, and so do runs whose job the worker
-- had only fetched. A row that somebody else has locked waits for the next time, and so does its worker's row: nothing
-- here waits for anybody. Returns the dead workers that are done with or whose runs were taken, and how many runs.
create or replace function stepcast.take_over()
returns table (dead text, runs bigint)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  gone stepcast.workers;
  is_done boolean;
begin
  for gone in
    select *
    from stepcast.workers w
    where w.id not in (select alive.id from stepcast.live_workers() alive)
    order by w.id
    for update skip locked
  loop
    perform stepcast.end_sessions(gone.application_name);
    runs := stepcast.hand_over_runs(gone, true);
    is_done := not exists (select from stepcast.runs r where r.worker = gone.id);
    if is_done then
      perform stepcast.requeue_jobs(gone);
      delete from stepcast.workers where id = gone.id;
    end if;
    dead := gone.name;
    if is_done or runs > 0 then
      return next;
    end if;
  end loop;
end
$$;
