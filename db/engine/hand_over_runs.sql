-- Hands over all runs of a worker whose rows are free; answers whether none is left.
create or replace function stepcast.hand_over_runs(p_worker stepcast.workers, p_crashed boolean)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  free uuid;
begin
  for free in
    select r.id
    from stepcast.runs r
    where r.worker = p_worker.id
    order by r.id
    for no key update skip locked
  loop
    begin
      perform stepcast.hand_over_run(free, p_worker, p_crashed);
    exception
      -- Somebody holds a step of it.
      when lock_not_available or deadlock_detected then null;
    end;
  end loop;
  return not exists (select from stepcast.runs where worker = p_worker.id);
end
$$;
