-- A worker claims a run and its next step begins, in one transaction. Null where there is nothing to claim: the run is
-- finished, gone, or held by another worker that lives. From a dead one it is handed
-- over, with a job of its own.
-- SC005: the worker itself has left or was declared dead; its job must be tried by another.
create or replace function stepcast.claim_run(p_run uuid, p_worker integer)
returns jsonb
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  run stepcast.runs;
  dead stepcast.workers;
begin
  if not exists (select from stepcast.workers where id = p_worker for key share) then
    perform stepcast.fail_with('SC005', format('worker %s may not claim run %s: it has left', p_worker, p_run), 'Another worker will.');
  end if;
  select * into run
  from stepcast.runs
  where id = p_run
  for no key update;
  if not found
    or run.status not in ('pending', 'running')
    or (run.worker <> p_worker and stepcast.worker_is_alive(run.worker)) then
    return null;
  end if;
  if run.worker <> p_worker then
    select * into dead from stepcast.workers where id = run.worker;
    dead.id := run.worker;
    perform stepcast.hand_over_run(p_run, dead, true);
    return null;
  end if;
  run.revision := run.revision + 1;
  if run.worker is not null then
    run := stepcast.let_go(run, null, 'the run was claimed again');
  end if;
  run.lease := run.lease + 1;
  run.worker := p_worker;
  run.status := 'running';
  run := stepcast.journal_start(run);
  return jsonb_build_object(
    'lease', run.lease,
    'run', jsonb_build_object('id', run.id, 'workflow', run.workflow, 'key', run.key, 'tenant', run.tenant, 'displayName', run.display_name),
    'results', (
      select coalesce(jsonb_object_agg(s.step, s.output), '{}')
      from stepcast.steps s
      where s.run_id = run.id
        and s.parent_id is null
        and s.status = 'completed'
    )
  ) || stepcast.go_on(run, false);
end
$$;
