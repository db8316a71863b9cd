-- The schema that Graphile Worker lives in. Every function in this folder has it in its search path; migrate replaces
-- it there if Graphile's schema has another name.
create or replace function stepcast.graphile_schema()
returns text
language sql
stable
set search_path = pg_catalog, graphile_worker, pg_temp
as $$
  select trim(split_part(current_setting('search_path'), ',', 2))
$$;
