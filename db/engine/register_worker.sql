-- A worker process begins its life: the caller takes the advisory lock (stepcast.worker_lock_class(), id) on the session
-- that it keeps, in the same transaction, so that nobody sees the row without its lock.
create or replace function stepcast.register_worker(p_name text, p_application_name text)
returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  worker_id integer;
begin
  insert into stepcast.workers (name, application_name)
  values (p_name, p_application_name)
  returning id into worker_id;
  perform pg_advisory_lock(stepcast.worker_lock_class(), worker_id);
  return worker_id;
end
$$;
