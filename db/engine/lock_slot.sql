-- Tries to become the only transaction that gives out places of a slot, until it ends. It never waits, because an
-- operator's open transaction may have the lock: a caller that is refused leaves the place to admit_parked_runs.
create or replace function stepcast.lock_slot(p_slot text)
returns boolean
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  select pg_try_advisory_xact_lock(hashtextextended('stepcast.slot:' || p_slot, 0))
$$;
