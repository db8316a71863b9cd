-- A worker requests a run's place in its slot before it claims the run. False: the run is parked, without a job, until
-- a place is free.
create or replace function stepcast.admit_run(p_run uuid)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  run stepcast.runs := stepcast.hold_run(p_run);
  admitted boolean := false;
begin
  if run.status not in ('pending', 'running') or run.admission is null or run.admission = 'admitted' then
    return true;
  end if;
  -- Counted by a statement of its own, which must see the places that were given until the lock was free.
  if stepcast.lock_slot(run.concurrency_slot) then
    -- Runs that were parked before it go first.
    admitted := stepcast.free_places(run.concurrency_slot, run.concurrency_limit) > 0
      and not exists (
        select
        from stepcast.runs p
        where p.concurrency_slot = run.concurrency_slot
          and p.admission = 'parked'
          and p.status in ('pending', 'running')
          and (p.priority, p.run_at, p.id) < (run.priority, run.run_at, run.id)
      );
  end if;
  update stepcast.runs
  set admission = case when admitted then 'admitted' else 'parked' end,
      revision = run.revision
  where id = p_run;
  return admitted;
end
$$;
