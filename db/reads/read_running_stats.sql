-- What running_stats says of a tenant's workflows, type RunningStats in contract.ts, and when the latest of their runs
-- to end did so.
create or replace function stepcast.read_running_stats(p_tenant text, p_workflows text[])
returns json
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select json_build_object(
      'running', coalesce(
        json_agg(json_build_object(
          'workflow', s.workflow,
          'step', s.step,
          'displayName', s.display_name,
          'displayNames', s.display_names,
          'runs', s.runs,
          'since', s.since
        ) order by s.runs desc, s.workflow, s.sequence) filter (where s.status = 'running'),
        '[]'
      ),
      'waiting', json_build_object(
        'runs', coalesce(sum(s.runs) filter (where s.status = 'pending'), 0),
        'since', min(s.since) filter (where s.status = 'pending')
      ),
      'lastEnd', (
        select max(newest.completed_at)
        from unnest(p_workflows) one
        cross join lateral (
          select r.completed_at
          from stepcast.runs r
          where r.tenant = p_tenant
            and r.workflow = one
            and r.completed_at is not null
          order by r.completed_at desc
          limit 1
        ) newest
      ),
      'at', clock_timestamp()
    )
    from stepcast.running_stats s
    where s.tenant = p_tenant
      and s.workflow = any (p_workflows)
  );
end
$$;
