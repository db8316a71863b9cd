-- However a run ends, and whoever ends it, its place in its slot goes to the next run.
create or replace function stepcast.free_place()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform stepcast.admit_parked_runs(old.concurrency_slot);
  return null;
end
$$;

create or replace trigger free_place
after update on stepcast.runs
for each row when (
  old.concurrency_slot is not null
  and old.status in ('pending', 'running')
  and new.status in ('completed', 'failed', 'cancelled')
)
execute function stepcast.free_place();

create or replace trigger free_place_of_deleted
after delete on stepcast.runs
for each row when (old.concurrency_slot is not null)
execute function stepcast.free_place();
