-- SC006 for metadata that is not an object, or is larger than check_json allows. `p_what` names it and what it belongs
-- to.
create or replace function stepcast.check_metadata(p_what text, p_metadata jsonb)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if jsonb_typeof(p_metadata) is distinct from 'object' then
    perform stepcast.fail_with('SC006', format('%s must be a JSON object, not %s', p_what, coalesce(jsonb_typeof(p_metadata), 'null')),
      'Wrap it: {"value": …}.');
  end if;
  perform stepcast.check_json(p_what, p_metadata, 262144);
end
$$;
