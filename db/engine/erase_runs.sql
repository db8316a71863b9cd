-- Deletes locked runs and returns the ids of those that were deleted; a run stays if somebody else's foreign key, a
-- constraint or trigger of the rows that such a key would change with it, or a lock on one of its rows holds it. If
-- nothing holds any, all go in one statement; else each half is tried by itself, down to the held ones: a few held runs
-- cost little, and the first of many is met at once.
create or replace function stepcast.erase_runs(p_runs uuid[])
returns uuid[]
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  half integer := cardinality(p_runs) / 2;
  gone uuid[];
begin
  with erased as (
    delete from stepcast.runs
    where id = any (p_runs)
    returning id
  )
  select coalesce(array_agg(id), '{}') into gone
  from erased;
  return gone;
exception
  when integrity_constraint_violation or raise_exception or lock_not_available then
    return case
      when half = 0 then '{}'
      else stepcast.erase_runs(p_runs[:half]) || stepcast.erase_runs(p_runs[half + 1:])
    end;
end
$$;
