-- The safety poll: where each run is now, whatever became of its notifications.
create or replace function stepcast.read_revisions(p_runs uuid[])
returns table (run uuid, revision bigint, epoch text)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  select r.id, r.revision, current.epoch
  from stepcast.runs r
  cross join (select stepcast.current_epoch() as epoch) current
  where r.id = any (p_runs)
$$;
