-- A log line as clients know it: type LogLine in contract.ts.
create or replace function stepcast.log_json(l stepcast.logs)
returns json
language sql
stable
as $$
  select json_build_object(
    'line', l.line,
    'stepId', l.step_id,
    'at', l.at,
    'level', l.level,
    'message', l.message
  )
$$;
