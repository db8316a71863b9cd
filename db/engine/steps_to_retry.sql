-- The steps that a retry sets back, locked in order. From a named step (its topmost parent, if it is a sub-step): that
-- one, all that need it, directly or not, and all of their sub-steps. Without one: every step that is finished without
-- being completed or skipped, except sub-steps that a completed step has done without.
create or replace function stepcast.steps_to_retry(p_run uuid, p_named stepcast.steps)
returns setof stepcast.steps
language sql
security definer
set search_path = pg_catalog, pg_temp
-- A plan that was made while there were few steps would read them all for each level.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
  with recursive top as (
    select p_named.id, p_named.parent_id, p_named.sequence
    where p_named.id is not null
    union all
    select s.id, s.parent_id, s.sequence
    from top t
    join stepcast.steps s on s.id = t.parent_id
  ),
  after_named as (
    select sequence
    from top
    where parent_id is null
    union
    select s.sequence
    from after_named a
    join stepcast.steps s
      on s.run_id = p_run
      and s.parent_id is null
      and a.sequence = any (coalesce(s.needs, array[(s.sequence - 1)::smallint]))
  ),
  tree as (
    select s.id, s.status, s.sequence in (select sequence from after_named) as after_named
    from stepcast.steps s
    where s.run_id = p_run
      and s.parent_id is null
    union all
    select s.id, s.status, t.after_named
    from tree t
    join stepcast.steps s on s.parent_id = t.id
    where t.after_named
      or t.status not in ('completed', 'skipped')
  )
  select s.*
  from stepcast.steps s
  where s.id in (
      select t.id
      from tree t
      where t.status <> 'pending'
        and (t.after_named or t.status in ('failed', 'cancelled', 'running'))
    )
  order by s.id
  for no key update
$$;
