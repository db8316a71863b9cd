-- What a step's metadata becomes by a worker's report: as it was where both together are over 1 MiB as text, for every
-- snapshot brings it. A report alone has been measured by its worker, as JSON without spaces. The text is made only where
-- it may be so long: it is at most six times what the value takes.
-- For flush_reports, which calls it for every report: not in SQL, which would put both together again for each question,
-- and without `set`, which takes longer than the rest of it.
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
