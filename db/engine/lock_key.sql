-- Only one transaction at a time may start, import or retry a run under a key, until it ends. Lock order: a run's row,
-- then its key.
create or replace function stepcast.lock_key(p_tenant text, p_workflow text, p_key text)
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  select pg_advisory_xact_lock(hashtextextended(format('stepcast.key:%s', jsonb_build_array(p_tenant, p_workflow, p_key)), 0))
$$;
