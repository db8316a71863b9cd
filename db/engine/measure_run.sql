-- The run's progress from its steps' rows: sum(weight * percent), sum(weight) and the whole percent, at most 99.
create or replace function stepcast.measure_run(p_run uuid, p_instead stepcast.steps, out done numeric, out total numeric, out percent integer)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select
    coalesce(sum(weight * percent), 0),
    coalesce(sum(weight), 0),
    coalesce(least(99, floor(sum(weight * percent) / sum(weight))), 0)
  from (
    select
      s.weight,
      case
        when s.id = (p_instead).id then stepcast.step_percent((p_instead).status, (p_instead).progress)
        else stepcast.step_percent(s.status, s.progress)
      end as percent
    from stepcast.steps s
    where s.run_id = p_run
      and s.parent_id is null
  ) steps
$$;
