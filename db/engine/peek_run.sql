-- What a worker needs to know before it claims a run: is there anything to do, and with what input?
create or replace function stepcast.peek_run(p_run uuid)
returns table (status text, input jsonb, on_end_pending boolean)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select
    r.status,
    r.input,
    r.on_end_pending
  from stepcast.runs r
  where r.id = p_run
$$;
