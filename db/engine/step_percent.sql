-- How much of a step is done, from 0 to 100: a skipped step counts as done.
create or replace function stepcast.step_percent(status text, progress integer)
returns integer
language sql
immutable
parallel safe
as $$
  select case when status in ('completed', 'skipped') then 100 else progress end
$$;
