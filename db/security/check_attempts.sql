-- SC006 if a caller begins a step that has had 1,000 attempts. Only attempts that are stored count: import_run accepts
-- a larger number without a row for each.
create or replace function stepcast.check_attempts(p_step stepcast.steps)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  most constant integer := 1000;
begin
  if p_step.attempt >= most and (select count(*) from stepcast.attempts a where a.step_id = p_step.id) >= most then
    perform stepcast.fail_with('SC006', format('step %s of run %s has had %s attempts, which is the limit', p_step.step, p_step.run_id, most),
      'Open another run.');
  end if;
end
$$;
