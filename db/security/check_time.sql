-- SC006 for a time that no other time can be counted from, such as infinity, or that no browser can show, such as one
-- in the year 10000.
create or replace function stepcast.check_time(p_what text, p_time timestamptz, p_last timestamptz default '9999-12-31 00:00:00+00')
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_time not between timestamptz '1970-01-01 00:00:00+00' and p_last then
    perform stepcast.fail_with('SC006', format('%s must be from the year 1970 on until %s, not %s', p_what, p_last, p_time), 'Correct it.');
  end if;
end
$$;
