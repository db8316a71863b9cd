-- hold_run for a worker: SC005 unless the worker still has the lease. Every write of a worker begins here.
create or replace function stepcast.hold_leased_run(p_run uuid, p_lease bigint)
returns stepcast.runs
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  run stepcast.runs;
begin
  run := stepcast.hold_run(p_run);
  if run.lease <> p_lease or run.worker is null then
    perform stepcast.fail_with('SC005', format('lease %s of run %s is stale: it is %s, at lease %s', p_lease, p_run, run.status, run.lease),
      'Stop: the run was cancelled or another worker has taken it over.');
  end if;
  return run;
end
$$;
