-- Deletes the finished runs that ended longer ago than `older_than`, of one workflow or of all, with their journals,
-- and returns how many. A run is passed over if a row in somebody else's table refers to it, if somebody has locked it
-- or if its onEnd is still owed; a notice says how many were. SC006: not a valid interval.
-- All in the caller's transaction: to purge many at once, use the command `stepcast purge`, which commits after each
-- batch.
create or replace function stepcast.purge_runs(older_than interval, workflow text default null)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  batch record;
  place jsonb;
  deleted bigint := 0;
  passed_over bigint := 0;
begin
  loop
    select * into batch
    from stepcast.purge_batch(older_than, workflow, place, 500);
    place := batch.place;
    deleted := deleted + batch.deleted;
    passed_over := passed_over + batch.passed_over;
    exit when place is null;
  end loop;
  if passed_over > 0 then
    raise notice 'runs passed over: %; rows of other tables refer to them, somebody has them locked, or their onEnd was not run yet', passed_over;
  end if;
  return deleted;
end
$$;
