-- The number that a run's next journal entry gets, for whoever holds the run: as many as the statements before wrote.
create or replace function stepcast.next_entry(p_run uuid)
returns integer
language sql
stable
as $$
  select coalesce(max(entry), 0) + 1
  from stepcast.journal
  where run_id = p_run
$$;
