-- A worker process begins its life: the advisory lock is taken in the same transaction, on the session that the worker
-- keeps, so that nobody sees the row without its lock. After a crash the lock is gone too, so the row need not survive
-- one. `p_serves` are the Graphile tasks that it takes. The session remembers the epoch: see beat().
create or replace function stepcast.register_worker(p_name text, p_application_name text, p_serves text[] default '{}')
returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  worker_id integer;
begin
  perform set_config('synchronous_commit', 'off', true);
  perform set_config('stepcast.epoch', stepcast.current_epoch(), false);
  insert into stepcast.workers (name, application_name, serves)
  values (p_name, p_application_name, p_serves)
  returning id into worker_id;
  perform pg_advisory_lock(stepcast.worker_lock_class(), worker_id);
  return worker_id;
end
$$;
