-- A run under which workers died twice in a row, with no progress in between, may be what kills them.
create or replace function stepcast.is_suspect(p_run stepcast.runs)
returns boolean
language sql
immutable
as $$
  select p_run.crashes >= 2
$$;
