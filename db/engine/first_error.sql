-- Why a run failed although its other steps ran to their end: the error of the first step that failed, in the order of its steps.
create or replace function stepcast.first_error(p_run uuid)
returns text
language sql
stable
as $$
  select coalesce(
    (
      select error
      from stepcast.steps
      where run_id = p_run
        and parent_id is null
        and status = 'failed'
      order by sequence
      limit 1
    ),
    'no step of it can begin: what they need was cancelled'
  )
$$;
