-- admit_parked_runs for every slot that has parked runs.
create or replace function stepcast.admit_all_parked_runs()
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  slot text;
begin
  for slot in
    select distinct concurrency_slot
    from stepcast.runs
    where admission = 'parked'
      and status in ('pending', 'running')
  loop
    perform stepcast.admit_parked_runs(slot);
  end loop;
end
$$;
