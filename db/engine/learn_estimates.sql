-- Stores what the steps of a workflow took in its latest 50 completed runs: the median and the 95th percentile, from
-- the fifth run on.
create or replace function stepcast.learn_estimates(p_tenant text, p_workflow text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into stepcast.estimates (tenant, workflow, parent, step, p50, p95, samples)
  select
    p_tenant,
    p_workflow,
    coalesce(p.step, ''),
    s.step,
    percentile_disc(0.5) within group (order by s.duration),
    percentile_disc(0.95) within group (order by s.duration),
    count(*)
  from (
    select id
    from stepcast.runs r
    where r.tenant = p_tenant
      and r.workflow = p_workflow
      and r.status = 'completed'
    order by r.completed_at desc
    limit 50
  ) latest
  join stepcast.steps s on s.run_id = latest.id and s.status = 'completed' and s.declared
  left join stepcast.steps p on p.id = s.parent_id
  group by 3, 4
  having count(*) >= 5
  order by 3, 4
  on conflict (tenant, workflow, parent, step) do update
  set p50 = excluded.p50,
      p95 = excluded.p95,
      samples = excluded.samples,
      refreshed_at = clock_timestamp();
end
$$;
