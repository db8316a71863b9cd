-- What a worker needs to know before it claims a run: is there anything to do, and has its input been looked at?
create or replace function stepcast.peek_run(p_run uuid)
returns table (status text, untouched boolean, input jsonb, on_end_pending boolean)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select
    r.status,
    not exists (select from stepcast.attempts a where a.run_id = r.id),
    r.input,
    r.on_end_pending
  from stepcast.runs r
  where r.id = p_run
$$;
