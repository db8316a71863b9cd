-- The version of an imported run: the hash of its content.
create or replace function stepcast.history_version(p_content text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select left(encode(sha256(convert_to(p_content, 'utf8')), 'hex'), 12)
$$;
