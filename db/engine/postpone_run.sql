-- Queues a run again for later, from within its own job: a suspect that its worker may not drive beside another one.
create or replace function stepcast.postpone_run(p_run uuid, p_by interval)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  run stepcast.runs;
begin
  select * into run
  from stepcast.runs
  where id = p_run;
  if run.worker is null and run.status in ('pending', 'running') then
    run.run_at := clock_timestamp() + p_by;
    perform stepcast.queue_run(run);
  end if;
end
$$;
