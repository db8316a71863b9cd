-- What import_run was given, as text with its times in UTC. Postgres writes a timestamptz into JSON with the offset of
-- the session's time zone: read in another zone, the same table is still the same history. Times without an offset stay
-- as they are.
create or replace function stepcast.history_in_utc(p_history jsonb)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  -- Whatever is between two quotes: a regular expression over all of a large one took several times as long.
  select string_agg(case when piece like '____-__-__T__:__:__%' then stepcast.time_in_utc(piece) else piece end, '"' order by place)
  from string_to_table(p_history::text, '"') with ordinality pieces (piece, place)
$$;
