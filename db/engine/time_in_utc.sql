-- A time with an offset, as Postgres would have written it into JSON in UTC; whatever else begins like a time stays as
-- it is.
create or replace function stepcast.time_in_utc(p_time text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_time !~ '^[0-9-]{10}T[0-9:.]{8,15}[+-][0-9:]{5,8}$' then
    return p_time;
  end if;
  return (to_jsonb(p_time::timestamptz at time zone 'UTC') #>> '{}') || '+00:00';
exception
  when data_exception then
    return p_time;
end
$$;
