-- create_repository → Create repository: the display name of what has none.
create or replace function stepcast.title(name text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select upper(left(name, 1)) || substr(translate(name, '_', ' '), 2)
$$;
