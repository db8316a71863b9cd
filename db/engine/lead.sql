-- Whether the caller's session leads: its worker does what one worker does for all. The first session that asks gets the
-- lock, and has it until it ends. No row says so: while a transaction is open somewhere for hours, one that is written
-- several times a second would become slow to read.
create or replace function stepcast.lead()
returns boolean
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  -- No worker has the id 0.
  select pg_try_advisory_lock(stepcast.worker_lock_class(), 0)
$$;
