-- When the first of a run's steps that wait for their next attempt may begin; null: none waits.
create or replace function stepcast.next_attempt_at(p_run uuid)
returns timestamptz
language sql
stable
as $$
  select min(next_attempt_at)
  from stepcast.steps
  where run_id = p_run
    and parent_id is null
$$;
