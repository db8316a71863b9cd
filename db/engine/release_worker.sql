-- The clean end of a worker: its runs are handed over at once, and count no crash.
create or replace function stepcast.release_worker(p_worker integer)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  leaving stepcast.workers;
  held_id uuid;
begin
  select * into leaving
  from stepcast.workers
  where id = p_worker
  for update;
  for held_id in
    select r.id from stepcast.runs r where r.worker = p_worker order by r.id
  loop
    perform stepcast.hand_over_run(held_id, leaving, false);
  end loop;
  delete from stepcast.workers where id = p_worker;
end
$$;
