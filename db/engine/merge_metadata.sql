-- What a step's metadata becomes after a worker's report. It stays as it was if both together are over 1 MiB as text,
-- because every snapshot carries it. The worker has already measured the report on its own, as JSON without spaces. The
-- text is built only if it may be that long: it is at most six times the size of the value.
-- Called by flush_reports for every report. So it is not in SQL, which would merge both again for each condition, and
-- has no `set`, which takes longer than the rest of it.
create or replace function stepcast.merge_metadata(p_old jsonb, p_new jsonb)
returns jsonb
language plpgsql
stable
as $$
declare
  merged constant jsonb := p_old || p_new;
begin
  if pg_column_size(merged) > 131072 and octet_length(merged::text) > 1048576 and merged <> p_new then
    return p_old;
  end if;
  return merged;
end
$$;
