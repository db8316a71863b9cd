-- How a run ended, within the transaction that ended it.
create or replace function stepcast.end_of_run(p_run uuid)
returns table (status text, error text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select r.status, r.error
  from stepcast.runs r
  where r.id = p_run
$$;
