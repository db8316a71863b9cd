-- The name of whoever drives the run: its worker, or the role that reports from outside.
create or replace function stepcast.driver_name(p_run stepcast.runs)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select coalesce((select w.name from stepcast.workers w where w.id = p_run.worker), stepcast.actor())
$$;
