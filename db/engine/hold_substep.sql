-- hold_step_by_id for the try of a sub-step that its worker began. SC004: another try of it has begun, or it has ended.
create or replace function stepcast.hold_substep(p_run uuid, p_step bigint, p_attempt integer)
returns stepcast.steps
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  substep stepcast.steps := stepcast.hold_step_by_id(p_run, p_step);
begin
  if substep.attempt <> p_attempt or substep.status <> 'running' then
    perform stepcast.fail_with('SC004', format('attempt %s of sub-step %s is over: it is %s at attempt %s', p_attempt, substep.step, substep.status, substep.attempt),
      'Await a sub-step before its step goes on.');
  end if;
  return substep;
end
$$;
