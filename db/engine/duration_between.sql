-- Milliseconds from a start to an end; null if either is null.
create or replace function stepcast.duration_between(p_start timestamptz, p_end timestamptz)
returns bigint
language sql
immutable
parallel safe
as $$
  select (extract(epoch from p_end - p_start) * 1000)::bigint
$$;
