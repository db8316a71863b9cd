-- The possible first names of a path, since names may contain slashes: 'a/b/c' begins with 'a', 'a/b' and 'a/b/c'. No
-- name is longer than 200 characters.
create or replace function stepcast.beginnings_of(p_path text)
returns text[]
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select array(
    select left(p_path, ending)
    from generate_series(1, least(length(p_path), 200)) ending
    where ending = length(p_path)
      or substr(p_path, ending + 1, 1) = '/'
  )
$$;
