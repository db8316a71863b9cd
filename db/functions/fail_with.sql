-- Raises one of Stepcast's errors: the message says what is wrong and what was found, the hint what to do.
create or replace function stepcast.fail_with(code text, message text, hint text default null)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception using errcode = code, message = fail_with.message, hint = coalesce(fail_with.hint, '');
end
$$;
