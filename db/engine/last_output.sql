-- What a completed run returns: the output of its last step.
create or replace function stepcast.last_output(p_run uuid)
returns jsonb
language sql
stable
as $$
  select output
  from stepcast.steps
  where run_id = p_run
    and parent_id is null
  order by sequence desc
  limit 1
$$;
