-- The id of a step by its name, or of a sub-step by 'parent/sub-step' to any depth; null: there is none. A name may
-- itself contain slashes: the whole path is tried as a name first. It looks up the names that the path can begin with,
-- and passes by all other sub-steps of a step, of which there may be thousands.
create or replace function stepcast.find_step(p_run uuid, p_step text)
returns bigint
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  with recursive paths as (
    select id, step as path
    from stepcast.steps
    where run_id = p_run
      and parent_id is null
      and step = any (stepcast.beginnings_of(p_step))
    union all
    select s.id, p.path || '/' || s.step
    from paths p
    join stepcast.steps s
      on s.run_id = p_run
      and s.parent_id = p.id
      and s.step = any (stepcast.beginnings_of(substr(p_step, length(p.path) + 2)))
  )
  select id
  from paths
  where path = p_step
  limit 1
$$;
