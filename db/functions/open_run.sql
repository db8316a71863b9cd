-- Opens a run that no worker drives: a shell script or a Python job reports on it with begin_step, report_step,
-- complete_step … finish_run. `steps` is a list of names, or of objects {step, displayName, displayNames, weight,
-- substeps, stuckAfter}; `stuckAfter` is in milliseconds, default never. If `deadline` passes without a report, the run
-- fails.
-- SC006: a value out of range.
create or replace function stepcast.open_run(
  workflow text,
  steps jsonb,
  key text default null,
  tenant text default 'default',
  deadline interval default null,
  metadata jsonb default '{}'
)
returns uuid
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  wanted stepcast.runs;
  result record;
  -- These steps are watched by the run's deadline: a long dump may have nothing to say for longer than a worker's step
  -- usually may.
  patient jsonb;
begin
  if jsonb_typeof(open_run.steps) is distinct from 'array' then
    perform stepcast.fail_with('SC006', format('steps must be a JSON array, not %s', coalesce(jsonb_typeof(open_run.steps), 'null')),
      'Write ["download", "resize"], or objects with at least {"step": …}.');
  end if;
  perform stepcast.check_json('steps', open_run.steps, 262144);
  perform stepcast.check_steps(open_run.steps, 1000);
  perform stepcast.check_opened_steps(open_run.steps);
  if open_run.deadline <= interval '0' or open_run.deadline > interval '1000 years' then
    perform stepcast.fail_with('SC006', format('deadline must be above 0 and at most 1000 years, not %s', open_run.deadline), 'Say how long it may be silent, such as interval ''5 minutes''.');
  end if;
  select coalesce(jsonb_agg('{"stuckAfter": false}' || case jsonb_typeof(s) when 'string' then jsonb_build_object('step', s) else s end order by position), '[]')
  into patient
  from jsonb_array_elements(open_run.steps) with ordinality list (s, position);
  wanted := stepcast.wanted_run(open_run.tenant, open_run.workflow, open_run.key, '{}', open_run.metadata, 0);
  wanted.workflow_version := left(encode(sha256(convert_to(open_run.steps::text, 'utf8')), 'hex'), 12);
  wanted.driver := 'outside';
  wanted.deadline_after := open_run.deadline;
  select * into result
  from stepcast.create_run(wanted, false, stepcast.title(open_run.workflow), null, patient);
  return result.id;
exception
  when integrity_constraint_violation or data_exception or invalid_parameter_value or program_limit_exceeded then
    perform stepcast.fail_with('SC006', format('a run with these steps cannot be opened: %s', sqlerrm),
      'Names of steps are unique, of 1 to 200 characters; a weight is a number above 0; stuckAfter is a whole number of milliseconds above 0, or false; substeps is a list like steps.');
    return null;
end
$$;
