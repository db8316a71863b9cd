-- admit_parked_runs for every slot that has parked runs.
create or replace function stepcast.admit_all_parked_runs()
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  slot text := '';
begin
  -- From slot to slot by the index: a slot may have a great many parked runs, and every worker calls this at each beat.
  loop
    select concurrency_slot into slot
    from stepcast.runs
    where concurrency_slot > slot
      and admission = 'parked'
      -- Not by the index of unfinished runs.
      and coalesce(status, '') in ('pending', 'running')
    order by concurrency_slot
    limit 1;
    exit when not found;
    perform stepcast.admit_parked_runs(slot);
  end loop;
end
$$;
