-- Finds workers that are dead, ends what is left of their connections (a stopped process may hold row locks inside a
-- transaction) and takes their runs over: new lease, steps back to pending, a new job. A run that was there at the
-- death of five workers is taken for the cause and fails. Returns the dead workers' names.
create or replace function stepcast.take_over()
returns setof text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  dead stepcast.workers;
  held_id uuid;
begin
  for dead in
    select *
    from stepcast.workers w
    where not stepcast.worker_is_alive(w.id)
    order by w.id
    for update skip locked
  loop
    perform pg_terminate_backend(a.pid, 5000)
    from pg_stat_activity a
    where a.application_name = dead.application_name
      and a.pid <> pg_backend_pid();
    for held_id in
      select r.id from stepcast.runs r where r.worker = dead.id order by r.id
    loop
      perform stepcast.hand_over_run(held_id, dead, true);
    end loop;
    delete from stepcast.workers where id = dead.id;
    return next dead.name;
  end loop;
end
$$;
