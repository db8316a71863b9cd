-- create_repository → Create repository: the display name of anything that has none.
create or replace function stepcast.title(name text)
returns text
language sql
immutable
parallel safe
as $$
  select upper(left(name, 1)) || substr(translate(name, '_', ' '), 2)
$$;
