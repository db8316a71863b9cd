-- The schema that Graphile Worker lives in: it is in the search path of every function of this folder, where migrate
-- puts another one if it was told so.
create or replace function stepcast.graphile_schema()
returns text
language sql
stable
set search_path = pg_catalog, graphile_worker, pg_temp
as $$
  select trim(split_part(current_setting('search_path'), ',', 2))
$$;
