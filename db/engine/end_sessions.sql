-- Ends what is left of a dead worker's connections, and waits for that for at most a second: a stopped process may hold
-- locks inside a transaction. Returns whether none is left. Only sessions of this database: a copy of it has the same
-- rows, and the worker that is dead there is alive in the original. Only sessions named like a worker's (see
-- worker/life.ts): any worker login may register a worker under the name of whatever session it would like to see
-- ended. An owner that is not a superuser sees and may end the sessions of other logins only as a member of
-- pg_read_all_stats and pg_signal_backend; without the first it finds none.
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
