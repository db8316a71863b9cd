-- The display names of the current workflows' steps that hold for every run: those that depend on the run's input are
-- left out.
create or replace function stepcast.step_titles()
returns table (
  workflow text,
  parent text,
  step text,
  display_name text,
  display_names jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
-- The planner expects thousands of rows: with JIT on, compiling it took half a second.
set jit = off
as $$
  select w.name, named.*
  from stepcast.workflows w
  cross join lateral (
    select null as parent, s.step, s.display_name, s.display_names
    from stepcast.step_definitions(w.steps) s
    union all
    select s.step, part.step, part.display_name, part.display_names
    from stepcast.step_definitions(w.steps) s
    cross join lateral stepcast.step_definitions(s.substeps) part
    where s.has_substeps
  ) named
  where w.current
    and strpos(named.display_name, '{') = 0
    and coalesce(strpos(substr(named.display_names::text, 2), '{'), 0) = 0
$$;
