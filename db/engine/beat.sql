-- A worker's sign of life: it waits for nobody. Answers with those leases of its that it must stop: cancelled, taken over
-- or gone. SC005: the worker itself was declared dead; it must end its process.
create or replace function stepcast.beat(p_worker integer, p_runs uuid[], p_leases bigint[])
returns table (run uuid, lease bigint)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  update stepcast.workers
  set beat_at = clock_timestamp()
  where id = p_worker;
  if not found then
    perform stepcast.fail_with('SC005', format('worker %s was declared dead', p_worker), 'End the process and start another: its runs have been taken over.');
  end if;
  return query
    select held.run, held.lease
    from unnest(p_runs, p_leases) held (run, lease)
    left join stepcast.runs r on r.id = held.run
    where r.id is null
      or r.lease <> held.lease
      or r.worker is distinct from p_worker;
end
$$;
