-- The steps of import_run and all their sub-steps, each step followed directly by its own sub-steps, with its path as
-- 'step/sub-step' and its level from 1. A step without a name is named by its place.
create or replace function stepcast.imported_steps(p_steps jsonb)
returns table (path text, level integer, "position" integer, definition jsonb)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  with recursive steps as (
    select coalesce(s.definition ->> 'step', '#' || s.position) as path, s.position, s.definition, array[s.position] as place
    from jsonb_array_elements(p_steps) with ordinality s (definition, position)
    union all
    select p.path || '/' || coalesce(s.definition ->> 'step', '#' || s.position), s.position, s.definition, p.place || s.position
    from steps p
    cross join jsonb_array_elements(
      case when jsonb_typeof(p.definition -> 'substeps') = 'array' then p.definition -> 'substeps' else '[]' end
    ) with ordinality s (definition, position)
  )
  select path, cardinality(place), position::integer, definition
  from steps
  order by place
$$;
