-- hold_step_by_id for the attempt of a step or sub-step that its worker began. SC004: another attempt has begun, or
-- this one has ended.
create or replace function stepcast.hold_attempt(p_run uuid, p_step bigint, p_attempt integer)
returns stepcast.steps
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  step stepcast.steps := stepcast.hold_step_by_id(p_run, p_step);
begin
  if step.attempt <> p_attempt or step.status <> 'running' then
    perform stepcast.fail_with('SC004', format('attempt %s of %s is over: it is %s at attempt %s', p_attempt, step.step, step.status, step.attempt),
      'Somebody else ended it; await every sub-step before its step continues.');
  end if;
  return step;
end
$$;
