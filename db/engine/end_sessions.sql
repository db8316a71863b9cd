-- Ends what is left of a dead worker's connections, and waits for that for a second at most: a stopped process may hold
-- locks inside a transaction. Whether none is left. Those of this database alone: a copy of it has the same rows, and the
-- worker that is dead there lives in the original. Those that call themselves a worker's alone (see worker/life.ts): any
-- login of a worker may register one under the name of whatever it would like to see ended. An owner that is no
-- superuser sees and may end those of other logins as member of pg_read_all_stats and pg_signal_backend only; without
-- the first it finds none.
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
    where a.datid = (select d.oid from pg_database d where d.datname = current_database())
      and a.application_name = p_application_name
      and starts_with(a.application_name, 'stepcast worker ')
      and a.pid <> pg_backend_pid();
    if not found then
      return true;
    end if;
    perform pg_sleep(0.01);
  end loop;
  return false;
exception
  when insufficient_privilege then
    raise warning 'the sessions of a dead worker could not be ended: %', sqlerrm
      using hint = 'Grant pg_signal_backend to the owner of Stepcast.';
    return false;
end
$$;
