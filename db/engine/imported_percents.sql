-- Sum of the percents of imported steps, all of weight 1: an ended step counts as live ones do, an unfinished one with
-- sub-steps counts by its sub-steps.
create or replace function stepcast.imported_percents(p_steps jsonb)
returns integer
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce(sum(stepcast.imported_percent(definition)), 0)
    from jsonb_array_elements(p_steps) definition
  );
end
$$;
