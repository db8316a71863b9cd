-- The lease holder begins a sub-step of a running step, or learns that it was completed before: `output` is what it
-- returned then. SC004: the attempt of its step is over, or the sub-step is already running. SC005: the lease is stale.
create or replace function stepcast.begin_substep(p_run uuid, p_lease bigint, p_parent bigint, p_parent_attempt integer, p_step text)
returns table (id bigint, attempt integer, completed boolean, output jsonb)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  run stepcast.runs := stepcast.hold_leased_run(p_run, p_lease);
  parent stepcast.steps := stepcast.hold_attempt(p_run, p_parent, p_parent_attempt);
  substep stepcast.steps;
begin
  select * into substep
  from stepcast.steps s
  where s.run_id = p_run
    and s.parent_id = p_parent
    and s.step = p_step
  for no key update;
  if substep.status in ('completed', 'skipped') then
    return query select substep.id, substep.attempt, true, substep.output;
    return;
  end if;
  if substep.status = 'running' then
    perform stepcast.fail_with('SC004', format('sub-step %s of step %s is running already', p_step, parent.step),
      'Give each sub-step a name of its own, and await it.');
  end if;
  if substep.id is null then
    substep := stepcast.add_substep(run, parent, p_step);
  elsif substep.status <> 'pending' then
    run.journal_entries := stepcast.write_journal(run, 'status', substep, substep.status, 'pending');
    substep := stepcast.reset_step(run, substep);
  end if;
  perform stepcast.save_run(stepcast.set_step(run, substep, 'running'));
  return query select substep.id, substep.attempt + 1, false, null::jsonb;
end
$$;
