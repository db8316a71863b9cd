-- A worker's sign of life: it waits for nobody, and neither for the disk nor for a synchronous standby. Returns the
-- worker's runs and what is running in each, so that it stops everything else: if a lease is not among them, the run was
-- cancelled or taken; if an attempt is not, somebody else ended it. `overdue`: attempts that are past their timeout.
-- `attention`: something may begin that the worker does not know of. SC005: the worker itself was declared dead, or a
-- backup was restored under it, which has its runs as they were: what it did since is undone, although its row and its
-- leases may be there again, and it would go on as if it were not. It must end its process.
create or replace function stepcast.beat(p_worker integer)
returns table (run uuid, lease bigint, attention boolean, running jsonb, overdue jsonb)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform set_config('synchronous_commit', 'off', true);
  -- Before the worker's row is locked: migrate locks the tables in this order.
  if nullif(current_setting('stepcast.epoch', true), '') <> stepcast.current_epoch() then
    perform stepcast.fail_with('SC005', format('the database was restored under worker %s', p_worker), 'End the process and start another: it continues the runs as they were restored.');
  end if;
  -- Every two seconds: while a transaction is open somewhere for hours, no older version of this row can be removed, and
  -- whoever reads it passes them all. A time in the future is that of a clock that was set back since.
  update stepcast.workers
  set beat_at = clock_timestamp()
  where id = p_worker
    and beat_at not between clock_timestamp() - interval '2 seconds' and clock_timestamp();
  if not found and not exists (select from stepcast.workers where id = p_worker) then
    perform stepcast.fail_with('SC005', format('worker %s was declared dead', p_worker), 'End the process and start another: its runs have been taken over.');
  end if;
  return query
    select
      r.id,
      r.lease,
      r.attention,
      begun.running,
      begun.overdue
    from stepcast.runs r
    cross join lateral (
      select
        coalesce(jsonb_object_agg(s.id, s.attempt), '{}') as running,
        coalesce(jsonb_agg(s.id) filter (where s.timeout_at < clock_timestamp()), '[]') as overdue
      from stepcast.steps s
      where s.run_id = r.id
        and s.parent_id is null
        and s.status = 'running'
    ) begun
    where r.worker = p_worker;
end
$$;
