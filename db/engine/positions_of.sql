-- The sequences, from 1, of the named steps in a list of steps.
create or replace function stepcast.positions_of(p_names jsonb, p_steps jsonb)
returns smallint[]
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(array_agg(position::smallint order by position), '{}')
  from jsonb_array_elements(p_steps) with ordinality list (element, position)
  where p_names ? coalesce(element ->> 'step', element #>> '{}')
$$;
