-- How much of an imported step was done, from 0 to 100: a step that is neither completed nor skipped is measured by its
-- sub-steps.
create or replace function stepcast.imported_percent(p_step jsonb)
returns integer
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    when p_step ->> 'status' in ('completed', 'skipped') then 100
    when jsonb_typeof(p_step -> 'substeps') = 'array' and p_step -> 'substeps' <> '[]'
      then least(99, stepcast.imported_percents(p_step -> 'substeps') / jsonb_array_length(p_step -> 'substeps'))
    else 0
  end;
end
$$;
