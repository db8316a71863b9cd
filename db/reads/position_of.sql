-- Where a run is, as its row in a list shows it: type Position in contract.ts. PL/pgSQL, because the view is created
-- later.
create or replace function stepcast.position_of(p_run uuid)
returns json
language plpgsql
stable
as $$
begin
  return (
    select json_build_object(
      'step', p.current_step,
      'displayName', p.current_step_name,
      'displayNames', p.current_step_names,
      'number', p.step_number,
      'total', p.step_count,
      'message', p.message,
      'messages', p.messages,
      'nextAttemptAt', p.next_attempt_at,
      -- What it still needs begins when it may go on.
      'expectedAt', greatest(clock_timestamp(), r.run_at, p.next_attempt_at) + p.time_left
    )
    from stepcast.run_progress p
    join stepcast.runs r on r.id = p.id
    where p.id = p_run
  );
end
$$;
