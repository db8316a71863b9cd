-- Ends what is left of a dead worker's connections, and waits for that for a second at most: a stopped process may hold
-- locks inside a transaction. Whether none is left.
create or replace function stepcast.end_sessions(p_application_name text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  for i in 1 .. 100 loop
    perform pg_stat_clear_snapshot();
    perform pg_terminate_backend(a.pid)
    from pg_stat_activity a
    where a.application_name = p_application_name
      and a.pid <> pg_backend_pid();
    if not found then
      return true;
    end if;
    perform pg_sleep(0.01);
  end loop;
  return false;
end
$$;
