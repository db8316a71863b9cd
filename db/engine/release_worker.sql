-- The clean end of a worker, after its Graphile pool has ended. Its runs are handed over without counting a crash, and
-- so are jobs that the pool fetched while it was ending. If somebody holds the row of one, the worker's own row stays,
-- and others take over what is left once its session has ended.
create or replace function stepcast.release_worker(p_worker integer)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  leaving stepcast.workers;
begin
  select * into leaving
  from stepcast.workers
  where id = p_worker
  for update;
  if not found then
    return;
  end if;
  perform stepcast.hand_over_runs(leaving, false);
  if not exists (select from stepcast.runs r where r.worker = p_worker) then
    perform stepcast.requeue_jobs(leaving);
    delete from stepcast.workers where id = p_worker;
  end if;
end
$$;
