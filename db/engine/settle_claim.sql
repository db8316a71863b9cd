-- A claim met a run that has a worker. Returns `free` (claim it again) if that worker is the caller itself, which does
-- not drive it because the answer to its claim was lost, and which has now let go of it. A dead worker's run is `taken
-- over`, with a job of its own; a live worker's run is left alone: `held`.
create or replace function stepcast.settle_claim(p_run uuid, p_worker integer)
returns text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  run stepcast.runs := stepcast.hold_run(p_run);
  dead stepcast.workers;
begin
  if run.worker is null or run.status not in ('pending', 'running') then
    return 'free';
  end if;
  if run.worker = p_worker then
    perform stepcast.save_run(stepcast.let_go(run, null, 'the run was claimed again'));
    return 'free';
  end if;
  if not stepcast.worker_is_alive(run.worker) then
    select * into dead from stepcast.workers where id = run.worker;
    dead.id := run.worker;
    perform stepcast.hand_over_run(p_run, dead, true);
    return 'taken over';
  end if;
  return 'held';
end
$$;
