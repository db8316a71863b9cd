-- After a retry set steps back: the progress of a pending step with declared sub-steps is what is still done of them.
-- Level by level from the lowest up, until nothing changes any more.
create or replace function stepcast.reset_parents(p_run stepcast.runs)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  loop
    update stepcast.steps p
    set progress = children.percent
    from (
      select c.parent_id, least(99, floor(sum(c.weight * stepcast.step_percent(c.status, c.progress)) / sum(c.weight))) as percent
      from stepcast.steps c
      where c.run_id = p_run.id
        and c.parent_id is not null
        and c.declared
      group by c.parent_id
    ) children
    where p.id = children.parent_id
      and p.status = 'pending'
      and p.revision = p_run.revision
      and p.progress <> children.percent;
    exit when not found;
  end loop;
end
$$;
