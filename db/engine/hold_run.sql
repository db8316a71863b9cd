-- Locks a run for a change and returns it with the revision of that change. SC002: no such run.
-- Lock order everywhere: runs by id, then steps by id; `no key` so that inserts with a foreign key to the run are not
-- blocked.
create or replace function stepcast.hold_run(p_run uuid)
returns stepcast.runs
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  run stepcast.runs;
begin
  select * into run
  from stepcast.runs
  where id = p_run
  for no key update;
  if not found then
    perform stepcast.fail_with('SC002', format('there is no run %s', coalesce(p_run::text, 'null')), 'stepcast.runs lists the runs.');
  end if;
  run.revision := run.revision + 1;
  return run;
end
$$;
