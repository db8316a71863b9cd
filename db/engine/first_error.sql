-- Why a run failed although its other steps ran to their end: the error and the stack of the first step that failed, in
-- the order of its steps.
create or replace function stepcast.first_error(p_run uuid, out error text, out error_stack text)
language sql
stable
as $$
  select coalesce(failed.error, 'no step of it can begin: what they need was cancelled'), failed.error_stack
  from (select p_run as id) run
  left join lateral (
    select s.error, s.error_stack
    from stepcast.steps s
    where s.run_id = run.id
      and s.parent_id is null
      and s.status = 'failed'
    order by s.sequence
    limit 1
  ) failed on true
$$;
