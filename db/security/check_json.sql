-- SC006 for JSON that is too large to be read with its run: over 1 MiB as text, the limit for what a handler returns.
-- For metadata, which every snapshot carries, the limit is a quarter of that. And for JSON that is nested too deeply:
-- from some thousands of levels on, Node can write neither the run nor a list with it.
create or replace function stepcast.check_json(p_what text, p_json jsonb, p_most integer default 1048576)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  size constant bigint := octet_length(p_json::text);
  -- Of one value; a whole history of import_run, which may be larger, is checked value by value.
  is_one constant boolean := p_most <= 1048576;
  deepest constant integer := 1000;
begin
  if size > p_most then
    perform stepcast.fail_with('SC006', format('%s must have at most %s bytes, not %s', p_what, p_most, size),
      'Store it elsewhere, and write where it is.');
  end if;
  -- A level takes two bytes at least, and the search as long as writing the text.
  if is_one and size > 2 * deepest and jsonb_path_exists(p_json, format('strict $.**{%s} ? (@.type() == "array" || @.type() == "object")', deepest)::jsonpath) then
    perform stepcast.fail_with('SC006', format('%s must be nested at most %s levels deep', p_what, deepest),
      'Write it flatter, or as a string.');
  end if;
end
$$;
