-- For servers: 32 random bytes, the same for all of them, that seal what a page's `next` must not reveal.
create or replace function stepcast.cursor_key()
returns bytea
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select key from stepcast.cursor_key
$$;
