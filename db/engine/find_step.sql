-- The id of a step by its name, or of a sub-step by 'parent/sub-step' to any depth; null: there is none. A name may
-- itself contain slashes: the whole path is tried as a name first. It looks up the names that the path can begin with,
-- and passes by all other sub-steps of a step, of which there may be thousands.
-- One name after the other, which `offset 0` enforces: where most runs have few steps, a plan for all names at once
-- reads every step of the run, and splits the path anew for each.
create or replace function stepcast.find_step(p_run uuid, p_step text)
returns bigint
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  with recursive paths as (
    select top.id, name as path
    from unnest(stepcast.beginnings_of(p_step)) name
    cross join lateral (
      select s.id
      from stepcast.steps s
      where s.run_id = p_run
        and s.parent_id is null
        and s.step = name
      offset 0
    ) top
    union all
    select child.id, p.path || '/' || name
    from paths p
    cross join lateral unnest(stepcast.beginnings_of(substr(p_step, length(p.path) + 2))) name
    cross join lateral (
      select s.id
      from stepcast.steps s
      where s.run_id = p_run
        and s.parent_id = p.id
        and s.step = name
      offset 0
    ) child
  )
  select id
  from paths
  where path = p_step
  limit 1
$$;
