-- SC006 for JSON that is too large to be read with its run: over 1 MiB as text, the limit for what a handler returns.
-- For metadata, which every snapshot carries, the limit is a quarter of that.
create or replace function stepcast.check_json(p_what text, p_json jsonb, p_most integer default 1048576)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if octet_length(p_json::text) > p_most then
    perform stepcast.fail_with('SC006', format('%s must have at most %s bytes, not %s', p_what, p_most, octet_length(p_json::text)),
      'Store it elsewhere, and write where it is.');
  end if;
end
$$;
