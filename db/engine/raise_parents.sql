-- A step with declared sub-steps takes its progress from them. Carries the progress of a changed sub-step up to its
-- parents, which get the sub-step's revision, and returns the top-level step.
create or replace function stepcast.raise_parents(p_step stepcast.steps)
returns stepcast.steps
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  step stepcast.steps := p_step;
  parent stepcast.steps;
begin
  while step.parent_id is not null loop
    update stepcast.steps p
    set progress = greatest(p.progress, children.percent),
        revision = p_step.revision,
        updated_at = clock_timestamp()
    from (
      select least(99, floor(sum(weight * percent) / sum(weight))) as percent
      from (
        select
          c.weight,
          case
            when c.id = step.id then stepcast.step_percent(step.status, step.progress)
            else stepcast.step_percent(c.status, c.progress)
          end as percent
        from stepcast.steps c
        where c.parent_id = step.parent_id
          and c.declared
      ) declared
    ) children
    where p.id = step.parent_id
      and p.has_declared_substeps
      and p.status in ('pending', 'running')
      and children.percent > p.progress;
    select * into parent
    from stepcast.steps
    where id = step.parent_id;
    step := parent;
  end loop;
  return step;
end
$$;
