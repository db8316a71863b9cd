-- Every hour, or every day, week or month of a time zone, from the one that contains `p_first` to the last that begins
-- before `p_until`. Hours are counted in real time: a day may have 23 or 25 of them.
create or replace function stepcast.moments(p_first timestamptz, p_until timestamptz, p_unit text, p_zone text)
returns setof timestamptz
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select moment
  from (
    -- In half hours, by which one zone moves its clocks.
    select distinct date_trunc('hour', half, p_zone) as moment
    from generate_series(date_trunc('hour', p_first, p_zone), p_until, interval '30 minutes') half
  ) hours
  where p_unit = 'hour'
    and (moment < p_until or p_first >= p_until)
  union all
  select moment at time zone p_zone
  from generate_series(
    date_trunc(p_unit, p_first at time zone p_zone),
    -- The last moment before the end: the clock may show midnight a second time just after it.
    greatest(p_until - interval '1 microsecond', p_first) at time zone p_zone,
    format('1 %s', p_unit)::interval
  ) moment
  where p_unit <> 'hour'
$$;
