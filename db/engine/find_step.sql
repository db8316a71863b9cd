-- The id of a step by its name, or of a sub-step by 'parent/sub-step' to any depth; null: there is none. A name may
-- itself contain slashes: the whole path is tried as a name first.
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
    union all
    select s.id, p.path || '/' || s.step
    from paths p
    join stepcast.steps s on s.parent_id = p.id
    where starts_with(p_step, p.path || '/')
  )
  select id
  from paths
  where path = p_step
  limit 1
$$;
